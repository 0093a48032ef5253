import CoachAPI
import CoachVocabulary
import StateGraph

/// Turns the runtime's events of a run into those that clients see.
struct EventTranslation {
  private let session: SessionID
  private var outcome = "answer"

  private init(session: SessionID) { self.session = session }

  /// The events with a greater number than `after`; the last is always `run_finished`.
  ///
  /// All events are read from the first, since the last one tells what the answer was.
  static func stream(_ events: RunEvents, session: SessionID, after: Int) -> AsyncStream<CoachEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: CoachEvent.self)
    let task = Task {
      var translation = EventTranslation(session: session)
      var last = after
      var isFinished = false
      do {
        for try await event in events {
          for translated in translation.translate(event) {
            isFinished = translated.type == CoachEvent.runFinished
            last = max(last, translated.sequence)
            if translated.sequence > after || isFinished { continuation.yield(translated) }
          }
        }
      } catch {
        continuation.yield(
          CoachEvent(
            sequence: last + 1,
            type: CoachEvent.runFailed,
            data: ["code": "interrupted", "detail": "The run was interrupted; it goes on when the service is back."]
          )
        )
        last += 1
      }
      if !isFinished, !Task.isCancelled {
        continuation.yield(CoachEvent(sequence: last + 1, type: CoachEvent.runFinished, data: ["outcome": "failed"]))
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  private mutating func translate(_ event: RunEvent) -> [CoachEvent] {
    func one(_ type: String, _ data: JSONValue) -> [CoachEvent] {
      [CoachEvent(sequence: event.sequence, type: type, data: data)]
    }
    switch event.type {
    case RunEvent.runStarted:
      return one("run_started", ["run_id": .string(event.run.rawValue), "session_id": .string(session.rawValue)])
    case RunEvent.nodeStarted: return one("step", step(event, "started"))
    case RunEvent.nodeFinished: return one("step", step(event, "finished"))
    case CoachEvent.answer:
      outcome = event.data["outcome"]?.stringValue ?? outcome
      return one(event.type, event.data)
    case RunEvent.runFinished: return one(CoachEvent.runFinished, ["outcome": .string(outcome)])
    case RunEvent.runStopped: return one(CoachEvent.runFinished, ["outcome": "stopped"])
    case RunEvent.runFailed:
      let failed = CoachEvent(sequence: event.sequence, type: CoachEvent.runFailed, data: failure(event))
      return [
        failed, CoachEvent(sequence: event.sequence + 1, type: CoachEvent.runFinished, data: ["outcome": "failed"]),
      ]
    // What nodes gave one another is the inside of the coach.
    case RunEvent.stepFinished, RunEvent.subgraph: return []
    default: return one(event.type, event.data)
    }
  }

  private func step(_ event: RunEvent, _ phase: String) -> JSONValue {
    var data: [String: JSONValue] = ["phase": .string(phase), "node": event.data["node"] ?? .null]
    for key in ["duration_ms", "note"] {
      if let value = event.data[key], !value.isNull { data[key] = value }
    }
    return .object(data)
  }

  /// Says what class of failure it was; the words of the inside stay in the log of the run.
  private func failure(_ event: RunEvent) -> JSONValue {
    let code = event.data["code"]?.stringValue ?? "node_failed"
    let detail =
      switch code {
      case "time_limit", "node_timeout": "It took longer than allowed. Ask for less at once, or try again."
      default: "The coach could not finish this question. Try again; the run is kept under \(event.run)."
      }
    return ["code": .string(code), "detail": .string(detail)]
  }
}
