import CoachVocabulary
import ConcurrencyKit
import StateGraph

/// Tells a person in lines how a run goes, and which nodes are at work when there was nothing to tell for a while.
final class RunProgressLines: Sendable {
  /// After how long a silence the nodes at work are named for the first time; each time takes twice as long.
  static let firstSilence: Duration = .seconds(2)
  private static let longestSilence: Duration = .seconds(60)

  private struct State: Sendable {
    var atWork: [String: ContinuousClock.Instant] = [:]
    var lastLine = ContinuousClock.now
    var silence = RunProgressLines.firstSilence
  }

  private let state = Locked(State())
  private let line: @Sendable (String) -> Void

  /// Tells lines to `line`, from several tasks at once.
  init(_ line: @escaping @Sendable (String) -> Void) { self.line = line }

  /// Tells an event, if it says anything to a person.
  func tell(_ event: RunEvent) {
    let text = event.line
    state.withLock { state in
      if let node = event.data["node"]?.stringValue {
        switch event.type {
        case RunEvent.nodeStarted: state.atWork[node] = .now
        case RunEvent.nodeFinished, RunEvent.nodeFailed, RunEvent.nodeCached: state.atWork[node] = nil
        default: break
        }
      }
      guard text != nil else { return }
      state.lastLine = .now
      state.silence = Self.firstSilence
    }
    if let text { line(text) }
  }

  /// Names the nodes at work after each silence, until the task is cancelled.
  func tellWhatIsAtWork() async throws {
    while true {
      try await Task.sleep(for: .milliseconds(250))
      if let text = silenceBroken(at: .now) { line(text) }
    }
  }

  private func silenceBroken(at now: ContinuousClock.Instant) -> String? {
    state.withLock { state in
      guard now - state.lastLine >= state.silence, !state.atWork.isEmpty else { return nil }
      state.lastLine = now
      state.silence = min(state.silence * 2, Self.longestSilence)
      let nodes = state.atWork.sorted { $0.key < $1.key }.map { node, start in
        "\(node) (\((now - start).components.seconds) s)"
      }
      return "at work: \(nodes.joined(separator: ", "))"
    }
  }
}

extension RunEvent {
  /// The event in a line for a person; nil for what nodes emit and for what another line says as well.
  fileprivate var line: String? {
    let place = "step \(word("step"))  \(word("node"))"
    switch type {
    case Self.runStarted: return "run \(run) of graph '\(word("graph"))' in thread \(word("thread"))"
    case Self.runResumed: return "run \(run) goes on after step \(word("step"))"
    case Self.nodeFinished: return place + time + (data["note"].map { "  (\($0.stringValue ?? $0.text))" } ?? "")
    case Self.nodeCached: return "\(place)  from the cache"
    case Self.nodeRetried: return "node \(word("node")) is tried again after attempt \(word("attempt"))"
    case Self.nodeFailed: return "\(place) failed: \(word("error"))"
    case Self.nodeHandled: return "node \(word("handler")) handles the failure of \(word("node"))"
    case Self.runWaiting: return "waiting: \(word("reason"))"
    case Self.runInterrupted: return "interrupted; `coach graph resume \(run)` goes on"
    case Self.runStopped: return "stopped"
    case Self.runFailed: return "failed: \(word("message"))"
    default: return nil
    }
  }

  private func word(_ key: String) -> String { data[key].map { $0.stringValue ?? $0.text } ?? "" }

  private var time: String { data["duration_ms"]?.doubleValue.map { "  \(($0 * 10).rounded() / 10) ms" } ?? "" }
}
