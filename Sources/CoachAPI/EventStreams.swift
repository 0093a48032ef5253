import CoachVocabulary
import HTTPServerKit

/// Sends the events of runs as `text/event-stream`.
struct EventStreams: Sendable {
  /// The time between two pings.
  let pingInterval: Duration

  /// A response that sends the events until the run ends.
  ///
  /// It always ends with exactly one `run_finished`, except when the client leaves or the server stops: the run goes on
  /// then, and the stream breaks off, so that the client knows to come back.
  func response(_ events: AsyncStream<CoachEvent>, after sequence: Int = 0) -> HTTPServerResponse {
    let pingInterval = pingInterval
    let body = HTTPStreamBody { writer in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await Self.send(events, after: sequence, to: writer) }
        group.addTask { try await Self.ping(every: pingInterval, to: writer) }
        try await group.next()
        group.cancelAll()
      }
    }
    return HTTPServerResponse(headers: EventStreamEncoder.headers, body: .stream(body))
  }

  private static func send(
    _ events: AsyncStream<CoachEvent>,
    after sequence: Int,
    to writer: HTTPStreamWriter
  ) async throws {
    var ending = RunEnding(after: sequence)
    for await event in events {
      ending.note(event)
      try await writer.write(frame(event))
      if ending.isReached { return }
    }
    // A cancelled task sees the stream end too, though the run has not: its writes throw, so no end is told then.
    for event in ending.missingEvents { try await writer.write(frame(event)) }
  }

  private static func ping(every interval: Duration, to writer: HTTPStreamWriter) async throws {
    while true {
      try await Task.sleep(for: interval)
      try await writer.write(EventStreamEncoder.ping)
    }
  }

  private static func frame(_ event: CoachEvent) -> [UInt8] {
    EventStreamEncoder.event(data: event.data.text, event: event.type, id: String(event.sequence))
  }
}

/// What is still missing for a run's events to end as they must.
struct RunEnding: Hashable, Sendable {
  private var sequence: Int
  private var outcome: String?
  private(set) var isReached = false

  init(after sequence: Int) {
    self.sequence = sequence
  }

  mutating func note(_ event: CoachEvent) {
    sequence = max(sequence, event.sequence)
    switch event.type {
    case CoachEvent.answer: outcome = event.data["outcome"]?.stringValue ?? "answer"
    case CoachEvent.runFailed: outcome = "failed"
    case CoachEvent.runFinished: isReached = true
    default: break
    }
  }

  /// The events to add when the stream has ended here.
  var missingEvents: [CoachEvent] {
    if isReached { return [] }
    if let outcome { return [finished(outcome, sequence + 1)] }
    let failure = APIProblem(runFailure: .object([:]))
    let data: JSONValue = ["code": .string(failure.code), "detail": .string(failure.detail)]
    return [
      CoachEvent(sequence: sequence + 1, type: CoachEvent.runFailed, data: data),
      finished("failed", sequence + 2),
    ]
  }

  private func finished(_ outcome: String, _ sequence: Int) -> CoachEvent {
    CoachEvent(sequence: sequence, type: CoachEvent.runFinished, data: ["outcome": .string(outcome)])
  }
}
