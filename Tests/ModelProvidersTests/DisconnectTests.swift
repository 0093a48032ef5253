import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

/// A reader that leaves at any place ends the transfer, whatever the format.
@Suite(.timeLimit(.minutes(2))) struct DisconnectTests {
  private static let text = "one two three four five six"

  /// A model that speaks the format, and the server that it talks to.
  private func peers(_ format: WireFormat) throws -> (any LanguageModel, ScriptedModelServer, HTTPClient) {
    let exchange = ScriptedExchange(times: 0, reply: Self.text, chunkSize: 4, delay: .milliseconds(3))
    let server = ScriptedModelServer([exchange])
    try server.start()
    let client = try HTTPClient()
    switch format {
    case .chatCompletions:
      let url = try #require(ChatURL(base: server.baseURL))
      return (OpenAIChatModel(.init(url: url, model: "m"), client: client), server, client)
    case .messages:
      let url = try #require(MessagesURL(base: server.baseURL))
      return (AnthropicModel(.init(url: url, model: "m"), client: client), server, client)
    }
  }

  private func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(arguments: WireFormat.allCases)
  func `leaving after any piece closes the socket`(format: WireFormat) async throws {
    let (model, server, client) = try peers(format)
    let request = ModelRequest(messages: [.user("count")])
    let pieces = (Self.text.count + 3) / 4
    for position in 1..<pieces {
      var seen = ""
      var count = 0
      for try await event in model.events(for: request) {
        if case .text(let piece) = event { seen += piece }
        count += 1
        if count == position { break }
      }
      #expect(Self.text.hasPrefix(seen))
      #expect(seen.count == 4 * position)
      try await wait { server.requests.count == position && server.requests[position - 1].wasAbandoned }
    }
    await client.shutdown()
    await server.stop()
  }

  @Test(arguments: WireFormat.allCases)
  func `a task cancelled after any piece fails as cancelled, with what it used`(format: WireFormat) async throws {
    let (model, server, client) = try peers(format)
    let request = ModelRequest(messages: [.user("count")])
    for position in 1..<5 {
      let task = Task {
        var count = 0
        for try await _ in model.events(for: request) {
          count += 1
          if count == position { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      let failure = await #expect(throws: ModelFailure.self) { try await task.value }
      #expect(failure?.kind == .cancelled)
      #expect(failure?.usage.source == .estimated)
      #expect(failure.map { $0.usage.tokens.input > 0 && $0.usage.tokens.output > 0 } == true)
      try await wait { server.requests.count == position && server.requests[position - 1].wasAbandoned }
    }
    await client.shutdown()
    await server.stop()
  }
}
