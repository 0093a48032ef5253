import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// The events of a run that this process works on: numbers them, keeps the newest at hand, wakes readers.
final class LiveRun: Sendable {
  let run: RunID
  private let clock: WallClock
  /// Who is shown the events of this run as those of a subgraph.
  private let caller: Caller?
  private let state: Locked<State>
  /// Saved events beyond this many leave memory; readers that lag behind read them from the store.
  private static let keptAfterSaving = 256

  fileprivate struct State: Sendable {
    var events: [LiveEvent] = []
    /// How many of `events`, from the first, are saved.
    var savedCount = 0
    var lastSequence: Int
    var isSealed = false
    var ending: Ending?
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
  }

  fileprivate struct Waiter: Sendable {
    let continuation: CheckedContinuation<Void, Never>
  }

  /// How the work of this process on the run ended.
  enum Ending: Sendable {
    case saved
    case lost(any Error)
  }

  /// What a reader finds.
  enum Look: Sendable {
    case events([RunEvent])
    /// Events with the wanted numbers have left memory.
    case behind
    case upToDate
    case ended(Ending)
  }

  /// The run of the node that called this one.
  struct Caller: Sendable {
    let live: LiveRun
    let node: String
    let send: Int?

    /// Shows an event of the called run as one of the calling run.
    func show(_ event: RunEvent) {
      var data: [String: JSONValue] = [
        "node": .string(node), "run": .string(event.run.rawValue), "sequence": .int(event.sequence),
        "type": .string(event.type), "data": event.data,
      ]
      if let send { data["send"] = .int(send) }
      live.publish(RunEvent.subgraph, .object(data))
    }
  }

  init(run: RunID, lastSequence: Int, clock: WallClock, caller: Caller? = nil) {
    self.run = run
    self.clock = clock
    self.caller = caller
    state = Locked(State(lastSequence: lastSequence))
  }

  /// Numbers an event and shows it to readers at once; nothing happens once the run is sealed.
  func publish(_ type: String, _ data: JSONValue) { publish(type, LiveEvent.Details.data(data)) }

  /// The same for what happened to a task, whose data is put together only when somebody reads or saves it.
  func publish(_ type: String, _ moment: TaskMoment) { publish(type, LiveEvent.Details.task(moment)) }

  private func publish(_ type: String, _ details: LiveEvent.Details) {
    let (event, waiters) = state.withLock { state -> (LiveEvent?, [Waiter]) in
      guard !state.isSealed else { return (nil, []) }
      state.lastSequence += 1
      let event = LiveEvent(sequence: state.lastSequence, type: type, details: details, time: clock.now)
      state.events.append(event)
      return (event, state.takeWaiters())
    }
    waiters.wake()
    if let caller, let event { for event in events([event]) { caller.show(event) } }
  }

  /// Lets no further event in.
  func seal() { state.withLock { $0.isSealed = true } }

  /// The event that will end the run: numbered, but shown only when it is saved.
  func numbered(_ type: String, _ data: JSONValue) -> RunEvent {
    let number = state.withLock { $0.lastSequence } + 1
    return RunEvent(run: run, sequence: number, type: type, data: data, time: clock.now)
  }

  /// The events that no commit holds yet.
  var unsaved: [RunEvent] { events(state.withLock { $0.events[$0.savedCount...] }) }

  private func events(_ kept: ArraySlice<LiveEvent>) -> [RunEvent] { kept.map { $0.event(of: run) } }

  /// Notes that the events so far need no saving, for a run that is not saved.
  func passOver() {
    state.withLock { state in
      state.savedCount = state.events.count
      let surplus = state.savedCount - Self.keptAfterSaving
      guard surplus > Self.keptAfterSaving else { return }
      state.events.removeFirst(surplus)
      state.savedCount -= surplus
    }
  }

  /// Notes that a commit holds everything up to a number, which may include events not shown yet.
  func saved(_ events: [RunEvent]) {
    let waiters = state.withLock { state -> [Waiter] in
      guard let last = events.last else { return [] }
      if last.sequence > state.lastSequence {
        state.events.append(LiveEvent(last))
        state.lastSequence = last.sequence
      }
      let first = state.events.first?.sequence ?? 1
      state.savedCount = max(state.savedCount, last.sequence - first + 1)
      let surplus = min(state.savedCount, state.events.count - Self.keptAfterSaving)
      if surplus > Self.keptAfterSaving {
        state.events.removeFirst(surplus)
        state.savedCount -= surplus
      }
      return state.takeWaiters()
    }
    waiters.wake()
  }

  /// Tells readers that this process does nothing more for the run.
  func end(_ ending: Ending) {
    let waiters = state.withLock { state -> [Waiter] in
      state.isSealed = true
      state.ending = ending
      return state.takeWaiters()
    }
    waiters.wake()
  }

  /// What there is for a reader who has seen everything up to a number.
  func look(after sequence: Int) -> Look {
    let (look, kept) = state.withLock { state -> (Look, ArraySlice<LiveEvent>) in
      guard sequence < state.lastSequence else { return (state.ending.map { .ended($0) } ?? .upToDate, []) }
      guard let first = state.events.first?.sequence, sequence + 1 >= first else {
        return (state.ending.map { .ended($0) } ?? .behind, [])
      }
      return (.upToDate, state.events[(sequence + 1 - first)...])
    }
    return kept.isEmpty ? look : .events(events(kept))
  }

  /// The number of the last saved event.
  var savedSequence: Int {
    state.withLock { state in state.lastSequence - (state.events.count - state.savedCount) }
  }

  /// The number of the last event.
  var lastSequence: Int { state.withLock { $0.lastSequence } }

  /// Returns when there is more than the reader has seen, when the run ends, or when the reader is cancelled.
  func waitForMore(after sequence: Int) async {
    await wait { $0.lastSequence <= sequence }
  }

  /// Waits for the next save, or for the end of the work on the run; false when the event is saved or never will be here.
  func waitForSaving(of sequence: Int) async -> Bool {
    let mayCome: @Sendable (State) -> Bool = { state in
      state.lastSequence - (state.events.count - state.savedCount) < sequence && state.ending == nil
    }
    await wait(while: mayCome)
    return state.withLock { mayCome($0) } && !Task.isCancelled
  }

  private func wait(while mustWait: @Sendable (State) -> Bool) async {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let isWaiting = state.withLock { state in
          guard mustWait(state), state.ending == nil, !Task.isCancelled else { return false }
          state.waiters[id] = Waiter(continuation: continuation)
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.continuation.resume()
    }
  }
}

/// What is told of a task when it begins or ends.
struct TaskMoment: Sendable {
  let node: String
  let step: Int
  /// The place among the sends of the superstep, or -1.
  let send: Int
  /// How many attempts it took; 0 at the beginning.
  let attempts: Int
  let milliseconds: Double

  /// The moment as the data of an event.
  var data: [String: JSONValue] {
    var data: [String: JSONValue] = ["node": .string(node), "step": .int(step)]
    if attempts > 0 {
      data["attempts"] = .int(attempts)
      data["duration_ms"] = .double(milliseconds)
    }
    if send >= 0 { data["send"] = .int(send) }
    return data
  }
}

/// An event at hand, in the form that costs least as long as nobody asks for it.
private struct LiveEvent: Sendable {
  enum Details: Sendable {
    case data(JSONValue)
    case task(TaskMoment)
  }

  let sequence: Int
  let type: String
  let details: Details
  let time: Date

  func event(of run: RunID) -> RunEvent {
    let data: JSONValue =
      switch details {
      case .data(let data): data
      case .task(let moment): .object(moment.data)
      }
    return RunEvent(run: run, sequence: sequence, type: type, data: data, time: time)
  }
}

extension LiveEvent {
  init(_ event: RunEvent) {
    self.init(sequence: event.sequence, type: event.type, details: .data(event.data), time: event.time)
  }
}

extension LiveRun.State {
  fileprivate mutating func takeWaiters() -> [LiveRun.Waiter] {
    if waiters.isEmpty { return [] }
    defer { waiters.removeAll() }
    return Array(waiters.values)
  }
}

extension [LiveRun.Waiter] {
  fileprivate func wake() { for waiter in self { waiter.continuation.resume() } }
}
