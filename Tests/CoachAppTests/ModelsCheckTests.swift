import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Testing

@testable import CoachApp

@Suite(.timeLimit(.minutes(1))) struct ModelsCheckTests {
  @Test func `each endpoint is called and what works is told with its price`() async throws {
    let server = ScriptedModelServer([
      ScriptedExchange(match: "ready = true", times: 0, reply: "I would rather not."),
      ScriptedExchange(match: "in JSON", times: 0, reply: #"{"ready":true}"#),
      ScriptedExchange(times: 0, reply: "ready", usage: .fixed(["input_tokens": 1_000, "output_tokens": 10])),
    ])
    try server.start()
    let yaml = """
      endpoints:
        - {name: claude, tier: cloud, provider: anthropic, base_url: "\(server.baseURL)", model: m,
           abilities: [json_schema, tools], prices: {input: "1000", output: "0"}}
        - {name: vectors, tier: local, base_url: "\(server.baseURL)", model: m, embedding_model: e}
        - {name: off, tier: cloud, base_url: "http://127.0.0.1:1", model: m, api_key_env: NO_SUCH_KEY}
      """
    let root = try Shipped.copy(changing: ["config/models.yaml": yaml])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (loaded, findings) = Installation.load(.init(root: root), environment: [:])
    let installation = try #require(loaded, "\(findings)")
    let found = try await ModelsCheck(installation).run()
    #expect(found.map(\.endpoint) == ["claude", "vectors", "off"])
    #expect(found.map(\.stream) == [.works, .works, .untried])
    #expect(found.map(\.json) == [.works, .untried, .untried])
    #expect(found.map(\.tools) == [.fails, .untried, .untried])
    #expect(found.map(\.embeddings) == [.untried, .works, .untried])
    #expect(found.map(\.isFaulty) == [true, false, false])
    #expect(found[0].tokens.input > 1_000)
    #expect(found[0].cost.flatMap { NanoDollars(dollars: $0) } ?? .zero > NanoDollars(1_000_000_000))
    #expect(found[1].cost == nil)
    #expect(found[0].problems == ["tools: the model did not call the tool"])
    #expect(found[2].problems == ["not configured: NO_SUCH_KEY is not set"])
    #expect(try await ModelsCheck(installation).run(only: "off").count == 1)
    await server.stop()
  }
}
