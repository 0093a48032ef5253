import Dispatch

/// Rings at deadlines: one timer for all, so that a deadline that is met costs no timer and leaves nothing behind.
///
/// A sleeping task in its place would stay in memory until its deadline, also when it was cancelled long before.
final class DeadlineAlarm: Sendable {
  /// The alarm of the process.
  static let shared = DeadlineAlarm()

  /// Names one entry.
  struct Ticket: Hashable, Sendable {
    fileprivate var number: UInt64
  }

  private struct State {
    var nextNumber: UInt64 = 0
    /// What to do, for each entry that has not rung and was not taken back.
    var actions: [Ticket: @Sendable () -> Void] = [:]
    /// The deadlines, also of entries that were taken back since they were last cleared out.
    var queue = DeadlineQueue()
    /// When the timer fires next; nil when it need not.
    var wakeUp: ContinuousClock.Instant?
  }

  private let state = Locked(State())
  // Proof: Dispatch's objects may be used from any thread, and it is scheduled only under the lock of the state.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  init() {
    timer = DispatchSource.makeTimerSource(queue: .global(qos: .userInitiated))
    timer.setEventHandler { [weak self] in self?.ring() }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// Lets `action` run at the deadline, on a thread of the alarm's, unless it is taken back before.
  func set(_ deadline: Deadline, _ action: @escaping @Sendable () -> Void) -> Ticket {
    state.withLock { state in
      state.nextNumber += 1
      let ticket = Ticket(number: state.nextNumber)
      state.actions[ticket] = action
      state.queue.insert(deadline.instant, ticket.number)
      if state.wakeUp.map({ deadline.instant < $0 }) ?? true { schedule(deadline.instant, &state) }
      return ticket
    }
  }

  /// Takes an entry back; false when it has rung.
  func takeBack(_ ticket: Ticket) -> Bool {
    state.withLock { state in
      guard state.actions.removeValue(forKey: ticket) != nil else { return false }
      // What was taken back leaves the queue when it comes to the front, or here when there is more of it than of the rest.
      if state.queue.count > 2 * state.actions.count + 64 {
        let actions = state.actions
        state.queue.removeAll { actions[Ticket(number: $0)] == nil }
      }
      return true
    }
  }

  /// How many deadlines are held, those taken back included.
  var count: Int { state.withLock { $0.queue.count } }

  private func ring() {
    let due = state.withLock { state -> [@Sendable () -> Void] in
      let now = ContinuousClock.now
      var due: [@Sendable () -> Void] = []
      while let first = state.queue.first {
        let ticket = Ticket(number: first.number)
        guard first.instant <= now || state.actions[ticket] == nil else { break }
        state.queue.removeFirst()
        if let action = state.actions.removeValue(forKey: ticket) { due.append(action) }
      }
      state.wakeUp = nil
      if let first = state.queue.first { schedule(first.instant, &state) }
      return due
    }
    for action in due { action() }
  }

  private func schedule(_ instant: ContinuousClock.Instant, _ state: inout State) {
    state.wakeUp = instant
    let (seconds, attoseconds) = max(.zero, ContinuousClock.now.duration(to: instant)).components
    // Rounded up, so that it does not fire a moment early; beyond a day it looks again after a day.
    let nanoseconds =
      seconds < 86_400 ? Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) + 1 : 86_400_000_000_000
    timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .nanoseconds(0))
  }
}

/// Instants with numbers, the earliest first: a binary heap.
struct DeadlineQueue {
  typealias Entry = (instant: ContinuousClock.Instant, number: UInt64)

  private var entries: [Entry] = []

  var count: Int { entries.count }
  var first: Entry? { entries.first }

  mutating func insert(_ instant: ContinuousClock.Instant, _ number: UInt64) {
    entries.append((instant, number))
    var child = entries.count - 1
    while child > 0, entries[child].instant < entries[(child - 1) / 2].instant {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    sink(0)
  }

  mutating func removeAll(where isGone: (UInt64) -> Bool) {
    entries.removeAll { isGone($0.number) }
    for parent in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(parent) }
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      var earliest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].instant < entries[earliest].instant { earliest = child }
      if earliest == parent { return }
      entries.swapAt(parent, earliest)
      parent = earliest
    }
  }
}
