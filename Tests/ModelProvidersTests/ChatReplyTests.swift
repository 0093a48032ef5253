import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

/// What is special about chat completions; what holds for every provider is in ``ProviderConformance``.
@Suite struct ChatReplyTests {
  private let request = ModelRequest(messages: [.user("How many?")])

  private func reply(to body: String, contentType: String = "text/event-stream") async throws -> ModelReply {
    let url = try #require(ChatURL(base: "http://model.test"))
    let transport = RecordedTransport(
      headers: HTTPHeaders([("Content-Type", contentType)]),
      chunks: [Array(body.utf8)]
    )
    let configuration = OpenAIChatModel.Configuration(url: url, model: "m", apiKey: Secret("sk-abc"))
    return try await OpenAIChatModel(configuration, client: transport).reply(to: request)
  }

  @Test func `text comes out as soon as its chunk is complete`() async throws {
    let url = try #require(ChatURL(base: "http://model.test"))
    let chunk = Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n".utf8)
    let transport = RecordedTransport(
      headers: HTTPHeaders([("Content-Type", "text/event-stream")]),
      chunks: [chunk],
      failure: HTTPFailure(.connectionLost, "test")
    )
    let model = OpenAIChatModel(.init(url: url, model: "m"), client: transport)
    var events = model.events(for: request).makeAsyncIterator()
    #expect(try await events.next() == .text("a"))
    await #expect(throws: ModelFailure.self) { _ = try await events.next() }
  }

  @Test func `a refusal is a failure with its usage`() async throws {
    let body = """
      {"choices":[{"message":{"content":null,"refusal":"I can't."},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}}
      """
    let failure = await #expect(throws: ModelFailure.self) {
      try await reply(to: body, contentType: "application/json")
    }
    #expect(failure?.kind == .refused)
    #expect(failure?.usage.tokens == TokenCounts(input: 4, output: 3))
    #expect(failure?.usage.sources.all == [.reported, .unknown, .unknown, .reported, .unknown])
  }

  @Test func `a filter that leaves nothing is a refusal and one that leaves text is a reason`() async throws {
    func body(_ delta: String) -> String {
      "data: {\"choices\":[{\"delta\":\(delta),\"finish_reason\":\"content_filter\"}]}\n\n"
    }
    let failure = await #expect(throws: ModelFailure.self) { try await reply(to: body("{}")) }
    #expect(failure?.kind == .refused)
    #expect(try await reply(to: body(#"{"content":"x"}"#)).finishReason == .contentFilter)
  }

  @Test(arguments: [
    #"{"prompt_tokens":0,"completion_tokens":4,"total_tokens":4}"#, #"{"completion_tokens":4}"#,
    #"{"prompt_tokens":-3,"completion_tokens":4}"#, #"{"prompt_tokens":5}"#, "null", "{}",
    #"{"prompt_tokens":1e30,"completion_tokens":4}"#,
  ])
  func `counts that cannot be true are estimated`(usage: String) async throws {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":\(usage)}\n\n"
    #expect(try await reply(to: body).usage == TokenEstimator.usage(of: request, text: "x"))
  }

  @Test func `an error's detail repeats neither its text nor a key`() async throws {
    let body = #"{"error":{"message":"bad key sk-abc, prompt was: who earns most","type":"sk-abc","code":"bad key"}}"#
    let failure = await #expect(throws: ModelFailure.self) {
      try await reply(to: body, contentType: "application/json")
    }
    #expect(failure?.detail == "")
  }
}
