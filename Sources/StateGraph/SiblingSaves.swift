import CoachVocabulary
import ConcurrencyKit

/// Saves what the tasks of a superstep gave while their siblings are at work, so that a crash does not repeat them.
///
/// One save is under way at a time, and what finishes meanwhile goes with the next; a superstep that is over soon is saved
/// by its own commit alone. So a thousand short tasks cost a few transactions, and a task whose save was not done yet
/// when the process died is executed again.
final class SiblingSaves: Sendable {
  /// A superstep that is over by then needs no saves beside its own.
  private static let patience = Duration.milliseconds(1)
  /// Saves take no more than one part in this many of the time that the superstep lasts.
  private static let share = 5

  private struct State: Sendable {
    /// How many tasks are still at work.
    var left: Int
    var waiting: [Result] = []
    var isAtWork = false
    var isOver = false
    var work: Task<Void, Never>?
    var pause: Task<Void, Never>?
    var failure: CheckpointFailure?
  }

  private struct Result: Sendable {
    let pending: Frontier.Pending
    let task: FinishedTask
  }

  private let run: RunScope
  private let step: Int
  private let revision: Int
  private let began = ContinuousClock.now
  private let state: Locked<State>

  /// Makes the saves of a superstep with so many tasks.
  init(_ run: RunScope, step: Int, revision: Int, tasks: Int) {
    self.run = run
    self.step = step
    self.revision = revision
    state = Locked(State(left: tasks))
  }

  /// Notes what became of a task; what the last one gave is left to the commit of the superstep.
  func note(_ result: NodeResult, of execution: NodeExecution) {
    let mustStart = state.withLock { state in
      state.left -= 1
      guard case .finished(let update, let task) = result, state.left > 0, state.failure == nil else { return false }
      state.waiting.append(Result(pending: execution.graph.saved(update, of: execution.item.key), task: task))
      guard !state.isAtWork else { return false }
      state.isAtWork = true
      return true
    }
    guard mustStart else { return }
    let work = Task { await saveAll() }
    state.withLock { $0.work = work }
  }

  /// Starts no further save and waits for the one under way.
  ///
  /// - Throws: what made a save fail; the superstep can then not be saved by this process.
  func close() async throws(CheckpointFailure) {
    let (work, pause) = state.withLock { state in
      state.isOver = true
      return (state.work, state.pause)
    }
    pause?.cancel()
    await work?.value
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func saveAll() async {
    await pause(for: Self.patience - began.duration(to: .now))
    while let batch = take() {
      let start = ContinuousClock.now
      do {
        try await save(batch)
      } catch {
        return state.withLock { $0.failure = error }
      }
      await pause(for: start.duration(to: .now) * (Self.share - 1))
    }
  }

  private func take() -> [Result]? {
    state.withLock { state -> [Result]? in
      guard !state.isOver, !state.waiting.isEmpty else {
        state.isAtWork = false
        return nil
      }
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  private func save(_ batch: [Result]) async throws(CheckpointFailure) {
    // Each of the tasks has told that it is done before it was noted here.
    let events = run.live.unsaved
    try await run.services.store.commit(
      PartialCommit(
        run: run.run,
        revision: revision,
        results: [Frontier.StepResults(step: step, pending: batch.map(\.pending))],
        finishedTasks: batch.map(\.task),
        events: events
      )
    )
    run.live.saved(events)
  }

  private func pause(for duration: Duration) async {
    guard duration > .zero else { return }
    let pause = state.withLock { state -> Task<Void, Never>? in
      guard !state.isOver else { return nil }
      let pause = Task { [run] in _ = try? await run.services.sleep(duration) }
      state.pause = pause
      return pause
    }
    await pause?.value
  }
}
