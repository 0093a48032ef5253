import CoachVocabulary
import ConcurrencyKit
import HTTPClientKit
import HTTPServerKit
import Testing

@testable import CoachAPI

@Suite struct `An event stream` {
  @Test func `each event is a frame with its number, its type and its data`() async throws {
    let served = try ServedCoach()
    let answer = try await served.chat(accept: "text/event-stream")
    #expect(answer.status == 200)
    #expect(answer.headers["x-accel-buffering"] == "no")
    #expect(answer.headers["cache-control"] == "no-store")
    #expect(
      answer.text == """
        id: 1
        event: run_started
        data: {"run_id":"run-1","session_id":"session-1"}

        id: 2
        event: step
        data: {"node":"parse","phase":"finished"}

        id: 3
        event: answer
        data: {"outcome":"answer","rows":[["West",1.5]],"text":"Net revenue was $12.3M."}

        id: 4
        event: run_finished
        data: {"outcome":"answer"}


        """
    )
    await served.stop()
  }

  struct Ending: Sendable, CustomTestStringConvertible {
    let name: String
    let events: [(String, JSONValue)]
    let types: [String]
    let outcome: String
    var testDescription: String { name }
  }

  static let finished: (String, JSONValue) = (CoachEvent.runFinished, ["outcome": "answer"])
  static let endings = [
    Ending(name: "nothing", events: [], types: ["run_failed", "run_finished"], outcome: "failed"),
    Ending(
      name: "only steps",
      events: [("step", [:])],
      types: ["step", "run_failed", "run_finished"],
      outcome: "failed"
    ),
    Ending(
      name: "an answer and no end",
      events: [(CoachEvent.answer, ["outcome": "clarify"])],
      types: ["answer", "run_finished"],
      outcome: "clarify"
    ),
    Ending(
      name: "a failure and no end",
      events: [(CoachEvent.runFailed, ["code": "odd"])],
      types: ["run_failed", "run_finished"],
      outcome: "failed"
    ),
    Ending(
      name: "events after the end",
      events: [finished, ("step", [:]), finished],
      types: ["run_finished"],
      outcome: "answer"
    ),
  ]

  @Test(arguments: endings)
  func `the end is told exactly once, whatever the service does`(_ ending: Ending) async throws {
    let events = ending.events.enumerated().map {
      CoachEvent(sequence: $0.offset + 1, type: $0.element.0, data: $0.element.1)
    }
    let served = try ServedCoach(FakeCoach(events: events))
    let frames = try frames(of: try await served.chat(accept: "text/event-stream"))
    #expect(frames.map(\.event) == ending.types)
    #expect(frames.map(\.id) == (1...frames.count).map(String.init))
    #expect(try JSONValue(parsing: frames.last?.data ?? "")["outcome"]?.stringValue == ending.outcome)
    await served.stop()
  }

  @Test func `an event arrives while the run goes on, and pings keep a silent stream alive`() async throws {
    let (stream, sink) = AsyncStream.makeStream(of: CoachEvent.self)
    var settings = CoachServer.Settings()
    settings.pingInterval = .milliseconds(20)
    let served = try ServedCoach(FakeCoach(stream: stream), settings: settings)
    sink.yield(FakeCoach.answerEvents[0])
    let response = try await served.client.stream(served.chatStream)
    var received = ""
    for try await chunk in response.body {
      received += String(decoding: chunk, as: UTF8.self)
      if received.contains("event: run_started\n"), received.contains("\n\n: ping\n\n: ping\n\n") { sink.finish() }
    }
    #expect(received.hasPrefix("id: 1\nevent: run_started\n") || received.hasPrefix(": ping\n\n"))
    #expect(received.contains("event: run_finished\ndata: {\"outcome\":\"failed\"}\n\n"))
    await served.stop()
  }

  @Test func `a reader that leaves does not stop the run`() async throws {
    let (stream, sink) = AsyncStream.makeStream(of: CoachEvent.self)
    let (leavings, leaving) = AsyncStream.makeStream(of: Void.self)
    sink.onTermination = { _ in leaving.yield() }
    sink.yield(FakeCoach.answerEvents[0])
    let served = try ServedCoach(FakeCoach(stream: stream))
    for try await _ in try await served.client.stream(served.chatStream).body { break }
    _ = await leavings.first { _ in true }
    #expect(served.coach.seen.stopped.isEmpty)
    await served.stop()
  }

  @Test func `a client that hangs up does not cancel the start of its run`() async throws {
    let slow = SlowCoach()
    let body = Array(#"{"message": "hello"}"#.utf8)
    let http = HTTPServerRequest(
      method: "POST",
      path: StartChat.path,
      headers: [("Content-Type", "application/json")],
      body: body
    )
    let route = StartChat(service: slow, streams: EventStreams(pingInterval: .seconds(15)))
    let request = APIRequest(http: http, parameters: [:], requestID: "one")
    let handler = Task { try await route.respond(to: request) }
    _ = await slow.asked.stream.first { _ in true }
    handler.cancel()
    slow.permission.continuation.yield()
    _ = await handler.result
    #expect(slow.wasCancelled.current == false)
  }

  @Test func `a server that stops breaks the stream off without an end, for the run goes on`() async throws {
    let (stream, sink) = AsyncStream.makeStream(of: CoachEvent.self)
    sink.yield(FakeCoach.answerEvents[0])
    let served = try ServedCoach(FakeCoach(stream: stream))
    let response = try await served.client.stream(served.chatStream)
    var body = response.body.makeAsyncIterator()
    var received = String(decoding: try await body.next() ?? [], as: UTF8.self)
    let stopping = Task { await served.server.stop() }
    let failure = await #expect(throws: HTTPFailure.self) {
      while let chunk = try await body.next() { received += String(decoding: chunk, as: UTF8.self) }
    }
    #expect(failure?.kind == .connectionLost)
    #expect(!received.contains("run_finished"))
    await stopping.value
  }

  // MARK: Joining a run

  @Test(arguments: [(nil, 0), ("", 0), ("0", 0), ("17", 17)] as [(String?, Int)])
  func `a reader comes back after the last event it had`(_ lastEventID: String?, _ sequence: Int) async throws {
    let served = try ServedCoach()
    let headers = lastEventID.map { [("Last-Event-ID", $0)] } ?? []
    let answer = try await served.send("GET", "/api/v1/coach/runs/run-1/events", headers: headers)
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
    #expect(try frames(of: answer).last?.event == "run_finished")
    #expect(served.coach.seen.joined == [.init(run: "run-1", sequence: sequence)])
    await served.stop()
  }

  @Test func `an end that has to be added is numbered after what the reader had`() async throws {
    let served = try ServedCoach(FakeCoach(events: []))
    let headers = [("Last-Event-ID", "17")]
    let frames = try frames(of: try await served.send("GET", "/api/v1/coach/runs/run-1/events", headers: headers))
    #expect(frames.map(\.id) == ["18", "19"])
    await served.stop()
  }

  @Test(arguments: ["-1", "1.5", "x", "99999999999999999999"])
  func `a Last-Event-ID that is no number of an event is refused`(_ lastEventID: String) async throws {
    let served = try ServedCoach()
    let headers = [("Last-Event-ID", lastEventID)]
    let answer = try await served.send("GET", "/api/v1/coach/runs/run-1/events", headers: headers)
    #expect(answer.status == 400)
    #expect(answer.json["field"] == "Last-Event-ID")
    await served.stop()
  }

  @Test func `a client that wants no event stream is told`() async throws {
    let served = try ServedCoach()
    let headers = [("Accept", "application/json")]
    let answer = try await served.send("GET", "/api/v1/coach/runs/run-1/events", headers: headers)
    #expect(answer.status == 406)
    await served.stop()
  }

  private func frames(of answer: ServedCoach.Answer) throws -> [ServerSentEvent] {
    var parser = EventStreamParser()
    return try parser.push(answer.bytes)
  }
}

extension ServedCoach {
  fileprivate var chatStream: HTTPRequest {
    request(
      "POST",
      Self.chatPath,
      headers: Self.chatHeaders("text/event-stream"),
      body: Array(#"{"message": "hello"}"#.utf8)
    )
  }
}

/// A coach whose runs start only when they may.
private final class SlowCoach: CoachService {
  let asked = AsyncStream.makeStream(of: Void.self)
  let permission = AsyncStream.makeStream(of: Void.self)
  let wasCancelled = Locked<Bool?>(nil)
  private let fake = FakeCoach()

  func ask(_ request: ChatRequest) async throws(CoachProblem) -> StartedRun {
    asked.continuation.yield()
    _ = await permission.stream.first { _ in true }
    wasCancelled.withLock { $0 = Task.isCancelled }
    return try await fake.ask(request)
  }

  func events(of run: RunID, after sequence: Int) async throws(CoachProblem) -> AsyncStream<CoachEvent> {
    try await fake.events(of: run, after: sequence)
  }

  func stop(_ run: RunID) async throws(CoachProblem) { try await fake.stop(run) }
  func questions(of run: RunID) async throws(CoachProblem) -> JSONValue { try await fake.questions(of: run) }
  func answer(_ run: RunID, _ answers: [String: JSONValue]) async throws(CoachProblem) {
    try await fake.answer(run, answers)
  }
  func rate(_ run: RunID, isRight: Bool) async throws(CoachProblem) { try await fake.rate(run, isRight: isRight) }
  func sessions(limit: Int) async throws(CoachProblem) -> JSONValue { try await fake.sessions(limit: limit) }
  func session(_ id: SessionID) async throws(CoachProblem) -> JSONValue { try await fake.session(id) }
  func ledger(of session: SessionID, limit: Int) async throws(CoachProblem) -> JSONValue {
    try await fake.ledger(of: session, limit: limit)
  }
  func starters(domain: String?) async throws(CoachProblem) -> JSONValue { try await fake.starters(domain: domain) }
  func health() async -> JSONValue { await fake.health() }
}
