import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

@Suite(.timeLimit(.minutes(1))) struct EmbeddingTests {
  private func configuration(_ base: String = "http://model.test") throws -> OpenAIEmbeddingModel.Configuration {
    OpenAIEmbeddingModel.Configuration(
      url: try #require(EmbeddingsURL(base: base)),
      model: "m",
      apiKey: Secret("sk-embed")
    )
  }

  private func failure(
    _ body: String,
    status: Int = 200,
    of texts: [String] = ["a", "b"]
  ) async throws -> ModelFailure? {
    let transport = RecordedTransport(status: status, chunks: [Array(body.utf8)])
    let model = OpenAIEmbeddingModel(try configuration(), client: transport)
    return await #expect(throws: ModelFailure.self) { try await model.embeddings(of: texts) }
  }

  @Test func `vectors come from a server in the order of the texts, in batches`() async throws {
    let server = ScriptedModelServer([])
    try server.start()
    let client = try HTTPClient()
    var configuration = try configuration(server.baseURL)
    let texts = (0..<7).map { "text \($0)" }
    let whole = try await OpenAIEmbeddingModel(configuration, client: client).embeddings(of: texts)
    configuration.batchSize = 3
    let parts = try await OpenAIEmbeddingModel(configuration, client: client).embeddings(of: texts)
    #expect(whole.vectors.count == 7)
    #expect(Set(whole.vectors).count == 7)
    #expect(parts == whole)
    #expect(whole.usage.source == .reported)
    configuration.dimensions = 3
    let short = try await OpenAIEmbeddingModel(configuration, client: client).embeddings(of: texts)
    #expect(short.vectors.allSatisfy { $0.count == 3 })
    await client.shutdown()
    await server.stop()
  }

  @Test func `vectors are put in order by their index and missing usage is estimated`() async throws {
    let body = #"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2.5]}]}"#
    let transport = RecordedTransport(chunks: [Array(body.utf8)])
    let reply = try await OpenAIEmbeddingModel(configuration(), client: transport).embeddings(of: ["a", "b"])
    #expect(reply.vectors == [[1, 2.5], [3, 4]])
    #expect(reply.usage == ModelUsage(tokens: TokenCounts(input: 2), source: .estimated))
    let sent = try #require(transport.requests.first)
    #expect(sent.url == "http://model.test/v1/embeddings")
    #expect(HTTPHeaders(sent.headers)["authorization"] == "Bearer sk-embed")
  }

  @Test(arguments: [
    "", "{}", #"{"data":[]}"#, #"{"data":[{"embedding":[1]}]}"#,
    #"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#, #"{"data":[{"embedding":[1]},{"embedding":["x"]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":9,"embedding":[1]}]}"#,
    #"{"data":[{"embedding":[]},{"embedding":[]}]}"#,
  ])
  func `what are no vectors for the texts is malformed`(body: String) async throws {
    #expect(try await failure(body)?.kind == .malformed)
  }

  @Test func `failures are typed`() async throws {
    #expect(try await failure("{}", status: 429)?.kind == .rateLimited(retryAfter: nil))
    #expect(try await failure(#"{"error":{"code":"invalid_api_key"}}"#)?.kind == .unauthorized)
    let transport = RecordedTransport(failure: HTTPFailure(.connectionRefused, "test"))
    let model = OpenAIEmbeddingModel(try configuration(), client: transport)
    let refused = await #expect(throws: ModelFailure.self) { try await model.embeddings(of: ["a"]) }
    #expect(refused?.kind == .connection(.refused))
  }
}
