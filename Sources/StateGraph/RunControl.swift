import ConcurrencyKit

/// Lets others end a run that this process works on.
final class RunControl: Sendable {
  /// Why a run is to end early.
  enum Reason: Hashable, Sendable {
    case stop
    case timeLimit
    case interrupt
  }

  private struct State: Sendable {
    var reason: Reason?
    var task: Task<Void, Never>?
  }

  private let state = Locked(State())

  /// Why the run is to end early, if it is.
  var reason: Reason? { state.withLock { $0.reason } }

  /// Asks for an end; stopping and the time limit also cancel the nodes at work, an interruption waits for them.
  func request(_ reason: Reason) {
    let task = state.withLock { state -> Task<Void, Never>? in
      if state.reason == nil || state.reason == .interrupt { state.reason = reason }
      return state.reason == .interrupt ? nil : state.task
    }
    task?.cancel()
  }

  /// Names the task that works on the run, so that requests can cancel it; it saves from another task then.
  func attach(_ task: Task<Void, Never>) {
    let isOver = state.withLock { state in
      state.task = task
      return state.reason == .stop || state.reason == .timeLimit
    }
    if isOver { task.cancel() }
  }
}
