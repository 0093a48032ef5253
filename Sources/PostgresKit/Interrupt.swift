import ConcurrencyKit
import Glibc

/// Wakes a connection that waits for its server, from any thread.
///
/// A call begins and ends; a cancellation that comes late, after its call ended, touches no other call.
final class Interrupt: Sendable {
  private struct State: Sendable {
    var call = 0
    var isRunning = false
    var isCancelled = false
  }

  /// Readable while a cancellation is waiting to be noticed; -1, which `poll` passes over, when no descriptor was left.
  let descriptor: Int32
  private let bell: Int32
  private let state = Locked(State())

  init() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    descriptor = ends[0]
    bell = ends[1]
  }

  deinit {
    for end in [descriptor, bell] where end >= 0 { close(end) }
  }

  /// Whether the call that runs was cancelled.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Begins a call and gives its number.
  func begin() -> Int {
    state.withLock { state in
      state.call += 1
      state.isRunning = true
      state.isCancelled = false
      return state.call
    }
  }

  /// Ends the call that runs.
  func end() {
    state.withLock { state in
      state.isRunning = false
      if state.isCancelled { drain() }
      state.isCancelled = false
    }
  }

  /// Cancels a call, unless it has ended.
  func cancel(_ call: Int) {
    state.withLock { state in
      guard state.isRunning, state.call == call, !state.isCancelled else { return }
      state.isCancelled = true
      var byte: UInt8 = 1
      write(bell, &byte, 1)
    }
  }

  private func drain() {
    var byte: UInt8 = 0
    read(descriptor, &byte, 1)
  }
}
