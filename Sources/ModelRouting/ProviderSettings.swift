import CoachVocabulary

/// What an endpoint wants said in its own way, beyond its wire format.
public struct ProviderSettings: Hashable, Sendable {
  /// How the server is told the JSON Schema of a reply.
  public enum StructuredOutput: String, Hashable, Sendable, CaseIterable {
    /// By the format's own field for it.
    case jsonSchema = "json_schema"
    /// By `response_format` of type `json_object` with the schema inside, for llama-cpp-python and old llama.cpp.
    case jsonObject = "json_object"
    /// By a grammar, for llama.cpp.
    case grammar
    /// By a tool whose input is the reply, for Anthropic's models.
    case tool

    /// The forms that a wire format knows; the first is what counts when nothing is said.
    static func known(to provider: ProviderKind) -> [StructuredOutput] {
      switch provider {
      case .openAI: [.jsonSchema, .jsonObject, .grammar]
      case .anthropic: [.tool, .jsonSchema]
      }
    }
  }

  /// How the server is told a schema.
  public var structuredOutput: StructuredOutput
  /// The header that carries the key alone; nil for the format's own way.
  public var apiKeyHeader: String?
  /// The version of Azure's API; with it the model's name is a deployment in the path.
  public var azureAPIVersion: String?
  /// Whether the server is asked to keep the prompt for the next call.
  public var cachesPrompt: Bool
  /// The model for embeddings at this server; nil when it has none.
  public var embeddingModel: String?

  /// Makes settings.
  public init(
    structuredOutput: StructuredOutput = .jsonSchema,
    apiKeyHeader: String? = nil,
    azureAPIVersion: String? = nil,
    cachesPrompt: Bool = false,
    embeddingModel: String? = nil
  ) {
    self.structuredOutput = structuredOutput
    self.apiKeyHeader = apiKeyHeader
    self.azureAPIVersion = azureAPIVersion
    self.cachesPrompt = cachesPrompt
    self.embeddingModel = embeddingModel
  }

  /// Reads the keys of an endpoint that depend on its wire format; one that the format does not know is a fault.
  init(_ reader: DeclarationReader, of provider: ProviderKind) {
    let forms = StructuredOutput.known(to: provider)
    self.init(structuredOutput: forms[0])
    if let form = reader.choice("structured_output", of: StructuredOutput.self) {
      structuredOutput = form
      if !forms.contains(form) {
        let known = forms.map(\.rawValue).joined(separator: ", ")
        reader.refuse("structured_output", "must be one of \(known) for provider \(provider.rawValue)")
      }
    }
    apiKeyHeader = reader.string("api_key_header").flatMap { $0.lowercased() == "authorization" ? nil : $0 }
    if let apiKeyHeader, !apiKeyHeader.utf8.allSatisfy(Self.isHeaderByte) || apiKeyHeader.isEmpty {
      reader.refuse("api_key_header", "must be a header's name such as api-key")
    }
    azureAPIVersion = reader.string("azure_api_version")
    if azureAPIVersion != nil, provider != .openAI { reader.refuse("azure_api_version", "is for provider openai") }
    cachesPrompt = reader.bool("prompt_cache") ?? false
    if cachesPrompt, provider != .anthropic {
      reader.refuse("prompt_cache", "is for provider anthropic; others keep prompts by themselves")
    }
    embeddingModel = reader.string("embedding_model")
    if embeddingModel != nil, provider != .openAI { reader.refuse("embedding_model", "is for provider openai") }
  }

  private static func isHeaderByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }
}

/// How connections to all endpoints are made.
public struct ConnectionSettings: Hashable, Sendable {
  /// A proxy's URL; nil connects directly.
  public var proxy: String?
  /// Host names that are reached without the proxy.
  public var proxyExceptions: [String]
  /// A PEM file of the authorities to trust; nil trusts those of the system.
  public var certificateAuthorityFile: String?
  /// Whether link-local addresses and the metadata services of clouds may be reached.
  public var allowsLinkLocal: Bool

  /// Makes settings: a direct connection, the system's authorities, no metadata services.
  public init(
    proxy: String? = nil,
    proxyExceptions: [String] = [],
    certificateAuthorityFile: String? = nil,
    allowsLinkLocal: Bool = false
  ) {
    self.proxy = proxy
    self.proxyExceptions = proxyExceptions
    self.certificateAuthorityFile = certificateAuthorityFile
    self.allowsLinkLocal = allowsLinkLocal
  }

  /// Reads the key `connections` of the file; `proxy_env` names a variable, for a proxy whose URL is a secret.
  init(_ file: DeclarationReader, environment: [String: String]) {
    self.init()
    guard let reader = file.reader("connections", as: "connections") else { return }
    let declared = reader.string("proxy")
    let variable = reader.string("proxy_env").flatMap { environment[$0] }
    proxy = [variable, declared].compactMap { $0 }.first { !$0.allSatisfy(\.isWhitespace) }
    if let proxy, !proxy.hasPrefix("http://"), !proxy.hasPrefix("https://") {
      reader.refuse("proxy", "must be a URL such as http://proxy.example:3128")
    }
    proxyExceptions = reader.strings("proxy_exceptions")
    certificateAuthorityFile = reader.string("authorities")
    allowsLinkLocal = reader.bool("allow_link_local") ?? false
    reader.finish()
  }
}

extension DeclarationReader {
  fileprivate func refuse(_ key: String, _ why: String) {
    diagnostics.error("'\(key)' \(why)", at: position(of: key))
  }
}
