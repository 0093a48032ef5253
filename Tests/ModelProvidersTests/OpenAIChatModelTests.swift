import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import HTTPClientKit
import HTTPServerKit
import LanguageModel
import ModelProviders
import Testing

/// Runs `body` against a server that plays the exchanges.
private func withServer(
  _ exchanges: [ScriptedExchange],
  key: Secret? = nil,
  limits: HTTPTimeLimits = HTTPTimeLimits(),
  _ body: (OpenAIChatModel, ScriptedModelServer) async throws -> Void
) async throws {
  let server = ScriptedModelServer(exchanges)
  try server.start()
  let url = try #require(ChatURL(base: server.baseURL))
  let configuration = OpenAIChatModel.Configuration(url: url, model: "m", apiKey: key, limits: limits)
  let client = try HTTPClient()
  let outcome: Result<Void, any Error>
  do {
    outcome = .success(try await body(OpenAIChatModel(configuration, client: client), server))
  } catch {
    outcome = .failure(error)
  }
  await client.shutdown()
  await server.stop()
  try outcome.get()
}

/// Waits until the condition holds; the test's time limit is the bound.
private func wait(until condition: () -> Bool) async throws {
  while !condition() { try await Task.sleep(for: .milliseconds(2)) }
}

@Suite(.timeLimit(.minutes(1))) struct OpenAIChatModelTests {
  private let request = ModelRequest(messages: [.system("You count."), .user("How many?")])

  @Test func `a streamed reply comes with the provider's usage`() async throws {
    let usage: JSONValue = ["prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13]
    try await withServer([ScriptedExchange(reply: "Seven of them.", usage: .fixed(usage), chunkSize: 3)]) {
      model,
      server in
      var pieces: [String] = []
      for try await event in model.events(for: request) {
        if case .text(let piece) = event { pieces.append(piece) }
        if case .finished(let reason, let usage) = event {
          #expect(reason == .stop)
          #expect(usage.tokens == TokenCounts(input: 9, output: 4))
          #expect(usage.source == .reported)
        }
      }
      #expect(pieces == ["Sev", "en ", "of ", "the", "m."])
      #expect(server.requests.map(\.lastUserText) == ["How many?"])
      #expect(server.requests.map(\.systemText) == ["You count."])
    }
  }

  @Test func `the key is sent in one header and nowhere else`() async throws {
    try await withServer([ScriptedExchange(reply: "x")], key: Secret("sk-test-123")) { model, server in
      _ = try await model.reply(to: request)
      let seen = try #require(server.requests.first)
      #expect(seen.authorization == "Bearer sk-test-123")
      #expect(!seen.body.text.contains("sk-test-123"))
    }
  }

  @Test func `without a key no authorization is sent`() async throws {
    try await withServer([ScriptedExchange(reply: "x")]) { model, server in
      _ = try await model.reply(to: request)
      #expect(server.requests.first?.authorization == nil)
    }
  }

  @Test func `tool calls arrive with their arguments`() async throws {
    let call: JSONValue = ["name": "search", "arguments": ["word": "EV"]]
    try await withServer([ScriptedExchange(toolCalls: [call])]) { model, _ in
      let reply = try await model.reply(to: request)
      #expect(reply.finishReason == .toolCalls)
      #expect(reply.toolCalls == [ToolCall(id: "call_0", name: "search", argumentsText: #"{"word":"EV"}"#)])
    }
  }

  @Test func `a reply without usage has estimated usage`() async throws {
    try await withServer([ScriptedExchange(reply: "x", usage: .omitted, fault: .omitDone)]) { model, _ in
      let reply = try await model.reply(to: request)
      #expect(reply.usage == TokenEstimator.usage(of: request, text: "x"))
    }
  }

  @Test(arguments: [
    (400, ModelFailure.Kind.badRequest), (401, .unauthorized), (403, .unauthorized), (404, .notFound),
    (429, .rateLimited(retryAfter: .seconds(3))), (500, .serverError(status: 500, retryAfter: .seconds(3))),
    (503, .serverError(status: 503, retryAfter: .seconds(3))), (302, .badRequest),
  ])
  func `a status becomes a typed failure`(status: Int, expected: ModelFailure.Kind) async throws {
    let fault = ModelFault.status(status, retryAfter: "3", error: ["message": "the prompt was secret", "type": "oops"])
    try await withServer([ScriptedExchange(fault: fault)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == expected)
      #expect(failure?.detail == "status \(status), oops")
    }
  }

  @Test func `a prompt that is too long is told apart from other bad requests`() async throws {
    let fault = ModelFault.status(
      400,
      retryAfter: nil,
      error: ["message": "This model's maximum context length is 8192 tokens.", "code": nil]
    )
    try await withServer([ScriptedExchange(fault: fault)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .contextTooLong)
    }
  }

  @Test func `a connection that breaks off mid-stream keeps the text so far`() async throws {
    try await withServer([ScriptedExchange(reply: "abcdef", chunkSize: 2, fault: .cut(afterChunks: 3))]) { model, _ in
      var text = ""
      do throws(ModelFailure) {
        for try await event in model.events(for: request) {
          if case .text(let piece) = event { text += piece }
        }
        Issue.record("the reply must not end well")
      } catch {
        #expect(error.kind == .cut(textSoFar: "abcd"))
        #expect(text == "abcd")
      }
    }
  }

  @Test func `an error inside the stream keeps the text so far`() async throws {
    let fault = ModelFault.error(afterChunks: 2, error: ["message": "boom", "type": "server_error"])
    try await withServer([ScriptedExchange(reply: "abcdef", chunkSize: 2, fault: fault)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .cut(textSoFar: "ab"))
    }
  }

  @Test func `a refusal is typed`() async throws {
    try await withServer([ScriptedExchange(reply: "I won't.", fault: .refuse)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .refused)
    }
  }

  @Test func `a malformed stream is typed`() async throws {
    try await withServer([ScriptedExchange(reply: "x", fault: .malformed)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .malformed)
    }
  }

  @Test func `nobody listening is a refused connection`() async throws {
    let server = ScriptedModelServer([])
    try server.start()
    let url = try #require(ChatURL(base: server.baseURL))
    await server.stop()
    let client = try HTTPClient()
    let model = OpenAIChatModel(OpenAIChatModel.Configuration(url: url, model: "m"), client: client)
    let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
    #expect(failure?.kind == .connection(.refused))
    await client.shutdown()
  }

  @Test func `a model that says nothing in time is given up`() async throws {
    let limits = HTTPTimeLimits(firstByte: .milliseconds(80))
    try await withServer([ScriptedExchange(reply: "x", firstDelay: .seconds(30))], limits: limits) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .timedOut(.firstToken))
    }
  }

  @Test func `a model that falls silent is cut off with the text so far`() async throws {
    let limits = HTTPTimeLimits(idle: .milliseconds(80))
    let silent = try SilentServer(saying: "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n")
    let client = try HTTPClient()
    let url = try #require(ChatURL(base: "http://127.0.0.1:\(silent.port)"))
    let model = OpenAIChatModel(.init(url: url, model: "m", limits: limits), client: client)
    let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
    #expect(failure?.kind == .cut(textSoFar: "half"))
    await client.shutdown()
    await silent.stop()
  }

  @Test func `cancelling the reader closes the socket`() async throws {
    let exchange = ScriptedExchange(
      reply: String(repeating: "word ", count: 400),
      chunkSize: 5,
      delay: .milliseconds(5)
    )
    try await withServer([exchange]) { model, server in
      let started = Locked(false)
      let task = Task { [request] in
        for try await event in model.events(for: request) {
          if case .text = event { started.withLock { $0 = true } }
        }
      }
      try await wait { started.current }
      task.cancel()
      let failure = await #expect(throws: ModelFailure.self) { try await task.value }
      #expect(failure?.kind == .cancelled)
      try await wait { server.requests[0].wasAbandoned }
    }
  }

  @Test func `leaving the loop early closes the socket`() async throws {
    let exchange = ScriptedExchange(
      reply: String(repeating: "word ", count: 400),
      chunkSize: 5,
      delay: .milliseconds(5)
    )
    try await withServer([exchange]) { model, server in
      for try await event in model.events(for: request) {
        if case .text = event { break }
      }
      try await wait { server.requests[0].wasAbandoned }
    }
  }

  @Test func `thirty two replies at once do not mix`() async throws {
    let exchanges = (0..<32).map { ScriptedExchange(match: "question \($0).", reply: "answer \($0)", chunkSize: 2) }
    try await withServer(exchanges) { model, _ in
      try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for index in 0..<32 {
          group.addTask {
            (index, try await model.reply(to: ModelRequest(messages: [.user("question \(index).")])).text)
          }
        }
        for try await (index, text) in group { #expect(text == "answer \(index)") }
      }
    }
  }
}

/// A server that answers every request with the same bytes and then says nothing more.
private struct SilentServer {
  private let server: HTTPServer
  let port: Int

  init(saying text: String) throws {
    var settings = HTTPServer.Settings()
    settings.stopGrace = .milliseconds(100)
    server = try HTTPServer(settings: settings) { _ in
      HTTPServerResponse(
        headers: EventStreamEncoder.headers,
        body: .stream(
          HTTPStreamBody { writer in
            try await writer.write(Array(text.utf8))
            try await Task.sleep(for: .seconds(600))
          }
        )
      )
    }
    try server.start()
    port = try #require(server.port)
  }

  func stop() async { await server.stop() }
}
