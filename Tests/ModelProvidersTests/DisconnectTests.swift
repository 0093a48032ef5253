import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

/// A reader that leaves at any place ends the transfer, whatever the format.
@Suite(.timeLimit(.minutes(2))) struct DisconnectTests {
  private static let text = "one two three four five six"
  private static let size = 4
  /// How many pieces the text has.
  private static let pieces = (text.count + size - 1) / size

  /// A model that speaks the format, and the server that it talks to.
  ///
  /// To the n-th request the server says n pieces and then nothing more, so that only a client that leaves ends it.
  private func peers(_ format: WireFormat) throws -> (any LanguageModel, ScriptedModelServer, HTTPClient) {
    let server = ScriptedModelServer(
      (1...Self.pieces).map {
        ScriptedExchange(reply: Self.text, chunkSize: Self.size, fault: .stall(afterChunks: $0 + 1))
      }
    )
    try server.start()
    let client = try HTTPClient()
    let limits = HTTPTimeLimits(firstByte: nil, idle: nil)
    switch format {
    case .chatCompletions:
      let url = try #require(ChatURL(base: server.baseURL))
      return (OpenAIChatModel(.init(url: url, model: "m", limits: limits), client: client), server, client)
    case .messages:
      let url = try #require(MessagesURL(base: server.baseURL))
      return (AnthropicModel(.init(url: url, model: "m", limits: limits), client: client), server, client)
    }
  }

  private func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(arguments: WireFormat.allCases)
  func `leaving after any piece closes the socket`(format: WireFormat) async throws {
    let (model, server, client) = try peers(format)
    let request = ModelRequest(messages: [.user("count")])
    for position in 1...Self.pieces {
      var seen = ""
      var count = 0
      for try await event in model.events(for: request) {
        if case .text(let piece) = event { seen += piece }
        count += 1
        if count == position { break }
      }
      #expect(seen == String(Self.text.prefix(Self.size * position)))
      try await wait { server.requests.count == position && server.requests[position - 1].wasAbandoned }
    }
    await client.shutdown()
    await server.stop()
  }

  @Test(arguments: WireFormat.allCases)
  func `a task cancelled after any piece fails as cancelled, with what it used`(format: WireFormat) async throws {
    let (model, server, client) = try peers(format)
    let request = ModelRequest(messages: [.user("count")])
    for position in 1...Self.pieces {
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
