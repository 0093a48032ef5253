import CoachVocabulary
import Declarations
import ModelRouting
import Testing

@Suite struct ProviderSettingsTests {
  private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> (ModelSettings, [String]) {
    let diagnostics = DiagnosticCollector()
    let tree = try #require(DeclarationTree.reading(yaml: yaml.utf8, file: "models.yaml", reporting: diagnostics))
    let settings = ModelSettings(reading: tree, environment: environment, diagnostics: diagnostics)
    return (settings, diagnostics.diagnostics.map(\.message))
  }

  private func endpoint(_ lines: [String]) -> String {
    let all = ["name: e", "tier: cloud", "base_url: https://h", "model: m"] + lines
    return "endpoints:\n  - " + all.joined(separator: "\n    ") + "\n"
  }

  @Test func `each format has its own way to ask for JSON unless another is named`() throws {
    #expect(try read(endpoint([])).0.endpoints.first?.wire == ProviderSettings())
    let anthropic = try read(endpoint(["provider: anthropic"]))
    #expect(anthropic.1.isEmpty)
    #expect(anthropic.0.endpoints.first?.provider == .anthropic)
    #expect(anthropic.0.endpoints.first?.wire.structuredOutput == .tool)
    let named = try read(endpoint(["structured_output: grammar", "embedding_model: v"]))
    #expect(named.1.isEmpty)
    #expect(named.0.endpoints.first?.wire == ProviderSettings(structuredOutput: .grammar, embeddingModel: "v"))
    let cached = try read(endpoint(["provider: anthropic", "prompt_cache: true", "structured_output: json_schema"]))
    #expect(cached.1.isEmpty)
    #expect(cached.0.endpoints.first?.wire.cachesPrompt == true)
  }

  @Test func `an endpoint at Azure is read`() throws {
    let (settings, messages) = try read(endpoint(["azure_api_version: \"2024-10-21\"", "api_key_header: api-key"]))
    #expect(messages.isEmpty)
    #expect(settings.endpoints.first?.wire.azureAPIVersion == "2024-10-21")
    #expect(settings.endpoints.first?.wire.apiKeyHeader == "api-key")
  }

  @Test(arguments: [
    (["structured_output: tool"], "'structured_output' must be one of json_schema, json_object, grammar"),
    (["provider: anthropic", "structured_output: grammar"], "'structured_output' must be one of tool, json_schema"),
    (["provider: anthropic", "azure_api_version: v"], "'azure_api_version' is for provider openai"),
    (["provider: anthropic", "embedding_model: v"], "'embedding_model' is for provider openai"),
    (["prompt_cache: true"], "'prompt_cache' is for provider anthropic"),
    (["api_key_header: \"x: y\""], "'api_key_header' must be a header's name"),
  ])
  func `a setting that the format does not know is a fault`(lines: [String], expected: String) throws {
    let (_, messages) = try read(endpoint(lines))
    #expect(messages.contains { $0.hasPrefix(expected) }, "\(messages)")
  }

  @Test func `connections may go through a proxy and trust other authorities`() throws {
    let yaml = """
      connections:
        proxy_env: PROXY
        proxy: http://proxy:1
        proxy_exceptions: [a, b]
        authorities: ca.pem
        allow_link_local: true
      """
    let expected = ConnectionSettings(
      proxy: "http://proxy:1",
      proxyExceptions: ["a", "b"],
      certificateAuthorityFile: "ca.pem",
      allowsLinkLocal: true
    )
    #expect(try read(yaml).0.connections == expected)
    #expect(try read(yaml, ["PROXY": "http://user:secret@other:2"]).0.connections.proxy == "http://user:secret@other:2")
    let (_, messages) = try read("connections: {proxy: \"socks5://u:secret@p\", other: 1}\n")
    #expect(messages.contains { $0.hasPrefix("'proxy' must be a URL") })
    #expect(messages.count == 2)
    #expect(!messages.contains { $0.contains("secret") })
  }
}
