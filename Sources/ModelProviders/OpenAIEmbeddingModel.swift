public import CoachVocabulary
import FoundationEssentials
public import HTTPClientKit
public import LanguageModel

/// A model behind an OpenAI-compatible `embeddings` endpoint.
///
/// Source: platform.openai.com/docs/api-reference/embeddings/create.
public struct OpenAIEmbeddingModel: EmbeddingModel {
  /// What to talk to and how.
  public struct Configuration: Hashable, Sendable {
    /// The address, resolved from the configured base URL.
    public var url: EmbeddingsURL
    /// The model as the server names it.
    public var model: String
    /// The key, sent in ``apiKeyHeader`` only; nil sends none.
    public var apiKey: Secret?
    /// The header that carries the key.
    public var apiKeyHeader: APIKeyHeader
    /// How long each part of an exchange may take.
    public var limits: HTTPTimeLimits
    /// The number of components to ask for; nil leaves it to the model.
    public var dimensions: Int?
    /// The most texts in one request; more are sent in several.
    public var batchSize: Int
    /// The longest reply to accept, in bytes.
    public var maximumReplyBytes: Int

    /// Makes a configuration.
    public init(
      url: EmbeddingsURL,
      model: String,
      apiKey: Secret? = nil,
      apiKeyHeader: APIKeyHeader = .authorization,
      limits: HTTPTimeLimits = HTTPTimeLimits(),
      dimensions: Int? = nil,
      batchSize: Int = 128,
      maximumReplyBytes: Int = 64 << 20
    ) {
      self.url = url
      self.model = model
      self.apiKey = apiKey
      self.apiKeyHeader = apiKeyHeader
      self.limits = limits
      self.dimensions = dimensions
      self.batchSize = max(1, batchSize)
      self.maximumReplyBytes = maximumReplyBytes
    }
  }

  private let configuration: Configuration
  private let transport: any HTTPTransport

  /// Makes a model; the client is shared by all models of a program.
  public init(_ configuration: Configuration, client: any HTTPTransport) {
    self.configuration = configuration
    transport = client
  }

  /// Turns texts into vectors, in as many requests as their number takes.
  ///
  /// - Throws: ``LanguageModel/ModelFailure``, also when the server gives another number of vectors than texts, or
  ///   vectors of different length.
  public func embeddings(of texts: [String]) async throws(ModelFailure) -> EmbeddingReply {
    var whole = EmbeddingReply(vectors: [], usage: ModelUsage(tokens: .zero, source: .reported))
    for start in stride(from: 0, to: texts.count, by: configuration.batchSize) {
      let batch = Array(texts[start..<min(texts.count, start + configuration.batchSize)])
      let part = try await reply(to: batch)
      if let known = whole.vectors.first?.count, known != part.vectors.first?.count {
        throw ModelFailure(.malformed, detail: "the vectors differ in length")
      }
      whole.vectors += part.vectors
      whole.usage.tokens = whole.usage.tokens + part.usage.tokens
      if part.usage.source != .reported { whole.usage.sources = part.usage.sources }
    }
    return whole
  }

  private func reply(to texts: [String]) async throws(ModelFailure) -> EmbeddingReply {
    let response: HTTPResponse
    let body: [UInt8]
    do {
      response = try await transport.stream(wireRequest(texts))
      guard (200..<300).contains(response.status) else {
        throw await ProviderFailure.refusal(response, hiding: configuration.apiKey)
      }
      body = try await response.body.collect(upTo: configuration.maximumReplyBytes)
    } catch let failure as ModelFailure {
      throw failure
    } catch let failure as HTTPFailure {
      throw ProviderFailure.of(failure)
    } catch {
      throw ModelFailure(.connection(.other))
    }
    return try EmbeddingsReply.read(body, for: texts, hiding: configuration.apiKey)
  }

  private func wireRequest(_ texts: [String]) -> HTTPRequest {
    var body: [String: JSONValue] = [
      "model": .string(configuration.model), "input": .array(texts.map(JSONValue.string)), "encoding_format": "float",
    ]
    body["dimensions"] = configuration.dimensions.map(JSONValue.int)
    var headers = [("Content-Type", "application/json"), ("Accept", "application/json")]
    if let key = configuration.apiKey { headers.append(configuration.apiKeyHeader.field(key)) }
    return HTTPRequest(
      method: "POST",
      url: configuration.url.text,
      headers: headers,
      body: Array(JSONValue.object(body).text.utf8),
      limits: configuration.limits
    )
  }
}

/// Reads what an `embeddings` endpoint answers.
private enum EmbeddingsReply {
  static func read(
    _ body: [UInt8],
    for texts: [String],
    hiding secret: Secret?
  ) throws(ModelFailure) -> EmbeddingReply {
    guard let reply = try? JSONValue(parsing: body), reply.objectValue != nil else {
      throw ModelFailure(.malformed, detail: "the reply is not a JSON object")
    }
    if let error = reply["error"], !error.isNull {
      let report = ErrorReport(error, hiding: secret)
      throw ModelFailure(report.kind(status: report.status), detail: report.detail)
    }
    return EmbeddingReply(vectors: try vectors(reply, count: texts.count), usage: usage(reply["usage"], texts))
  }

  /// The vectors by their index; a server that leaves the index out means the order of the list.
  private static func vectors(_ reply: JSONValue, count: Int) throws(ModelFailure) -> [[Float]] {
    let items = reply["data"]?.arrayValue ?? []
    guard items.count == count else {
      throw ModelFailure(.malformed, detail: "\(items.count) vectors for \(count) texts")
    }
    var vectors = [[Float]](repeating: [], count: count)
    for (position, item) in items.enumerated() {
      let index = item["index"]?.intValue ?? position
      let numbers = item["embedding"]?.arrayValue?.compactMap(\.doubleValue).map(Float.init) ?? []
      let isWhole = numbers.count == item["embedding"]?.arrayValue?.count && numbers.allSatisfy(\.isFinite)
      guard vectors.indices.contains(index), vectors[index].isEmpty, !numbers.isEmpty, isWhole else {
        throw ModelFailure(.malformed, detail: "vector \(position) is not usable")
      }
      vectors[index] = numbers
    }
    guard Set(vectors.map(\.count)).count <= 1 else {
      throw ModelFailure(.malformed, detail: "the vectors differ in length")
    }
    return vectors
  }

  private static func usage(_ usage: JSONValue?, _ texts: [String]) -> ModelUsage {
    if let count = TokenCount.read(usage?["prompt_tokens"] ?? usage?["total_tokens"]), count > 0 {
      return ModelUsage(tokens: TokenCounts(input: count), source: .reported)
    }
    let count = texts.reduce(0) { $0 + TokenEstimator.tokens(in: $1) }
    return ModelUsage(tokens: TokenCounts(input: count), source: .estimated)
  }
}
