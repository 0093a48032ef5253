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
    var nodes: Task<[NodeResult], Never>?
  }

  private let state = Locked(State())

  /// Why the run is to end early, if it is.
  var reason: Reason? { state.withLock { $0.reason } }

  /// Asks for an end; stopping and the time limit also cancel the nodes at work, an interruption waits for them.
  func request(_ reason: Reason) {
    let nodes = state.withLock { state -> Task<[NodeResult], Never>? in
      if state.reason == nil || state.reason == .interrupt { state.reason = reason }
      return state.reason == .interrupt ? nil : state.nodes
    }
    nodes?.cancel()
  }

  /// Executes the nodes of a superstep so that a request can cancel them, but not the saving that follows.
  func perform(_ body: @escaping @Sendable () async -> [NodeResult]) async -> [NodeResult] {
    let nodes = Task { await body() }
    let isOver = state.withLock { state in
      state.nodes = nodes
      return state.reason == .stop || state.reason == .timeLimit
    }
    if isOver { nodes.cancel() }
    defer { state.withLock { $0.nodes = nil } }
    return await nodes.value
  }
}
