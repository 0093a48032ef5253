public import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials

/// Runs that start by the clock.
public struct RunSchedule: Hashable, Sendable {
  /// What happens when the run before is not at its end yet.
  public enum Overlap: String, Hashable, Sendable, CaseIterable {
    /// This time is left out.
    case skip
    /// The run starts once the one before is at its end; of several such times only the last is made up for.
    case wait
    /// The run before is stopped.
    case replace
    /// Both run side by side, in threads of their own.
    case allow
  }

  /// By which its runs are known; unique within a store.
  public var name: String
  /// When.
  public var cron: CronSchedule
  /// Where the clock hangs.
  public var zone: ScheduleZone
  /// Which graph; nil for the only one.
  public var graph: String?
  /// The input of every run.
  public var input: StateUpdate
  /// What happens when the run before is not at its end yet.
  public var overlap: Overlap

  /// Makes a schedule.
  public init(
    name: String,
    cron: CronSchedule,
    zone: ScheduleZone = .utc,
    graph: String? = nil,
    input: StateUpdate = [:],
    overlap: Overlap = .skip
  ) {
    self.name = name
    self.cron = cron
    self.zone = zone
    self.graph = graph
    self.input = input
    self.overlap = overlap
  }
}

/// Starts the runs of schedules, and goes on with runs that nobody works on: those whose timer is over, whose question has
/// expired, or whose process died.
///
/// Several processes may do so for one store; each run is started once, and worked on by one of them.
public struct GraphScheduler: Sendable {
  private let runner: GraphRunner
  private let schedules: [RunSchedule]
  private let poll: Duration
  private let start: Start
  private let onFailure: @Sendable (RunRecord, any Error) -> Void
  private let takesUp: @Sendable (RunRecord) -> Bool

  /// Starts the run of a schedule under an identifier and in a thread; `GraphRunner.start` with more around it.
  public typealias Start = @Sendable (_ schedule: RunSchedule, _ run: RunID, _ thread: ThreadID) async throws -> Void

  /// What became of one time of a schedule.
  public enum Firing: Hashable, Sendable {
    /// A run was started, here or by another process.
    case started(RunID)
    /// The run before is not at its end, so there is none this time.
    case skipped
    /// The run before is not at its end, so this one comes later.
    case postponed
  }

  /// Makes a scheduler.
  ///
  /// - Parameters:
  ///   - runner: starts the runs and goes on with them.
  ///   - schedules: what is started, and when; empty for one that only goes on with runs.
  ///   - poll: how long to wait between two looks for runs that nobody works on.
  ///   - start: starts one run, for callers that save more with it; nil starts it with the schedule's input. It throws
  ///     what the runner throws, unchanged, since the overlap is told by it.
  ///   - takesUp: which interrupted runs go on at any time and not only at the beginning, for instance those that another
  ///     replica put aside when it stopped.
  ///   - onFailure: told of a run that cannot go on, once for as long as nobody changes it.
  public init(
    _ runner: GraphRunner,
    schedules: [RunSchedule] = [],
    poll: Duration = .seconds(5),
    start: Start? = nil,
    takesUp: @escaping @Sendable (RunRecord) -> Bool = { _ in false },
    onFailure: @escaping @Sendable (RunRecord, any Error) -> Void = { _, _ in }
  ) {
    self.onFailure = onFailure
    self.takesUp = takesUp
    self.runner = runner
    self.schedules = schedules
    self.poll = poll
    self.start =
      start ?? { schedule, run, thread in
        _ = try await runner.start(run: run, thread: thread, graph: schedule.graph, input: schedule.input)
      }
  }

  /// Starts what is due, and goes on with what can go on, until the task is cancelled.
  ///
  /// Times of schedules that passed while no process ran are left out. Interrupted runs go on at the beginning only: what
  /// somebody puts aside while this runs, stays aside unless `takesUp` says otherwise.
  ///
  /// What fails, for instance because the store is away, is tried again, but for starts, which are left out like a time
  /// without process.
  public func run() async {
    var last = runner.services.clock.now
    var postponed: [Int: Date] = [:]
    var isFirstLook = true
    var refused: [RunID: Int] = [:]
    while !Task.isCancelled {
      _ = try? await runner.recover { record in
        (isFirstLook || record.status != .interrupted || takesUp(record)) && refused[record.run] != record.revision
      } onFailure: { record, error in
        refused[record.run] = record.revision
        onFailure(record, error)
      }
      isFirstLook = false
      let next = schedules.compactMap { $0.cron.next(after: last, in: $0.zone) }.min()
      let wait = Duration.seconds(max(0.05, (next ?? last + 60).timeIntervalSince(runner.services.clock.now)))
      do { try await runner.services.sleep(min(wait, poll)) } catch { return }
      let now = runner.services.clock.now
      for (index, schedule) in schedules.enumerated() {
        guard let time = Self.lastTime(of: schedule, after: last, upTo: now) ?? postponed[index] else { continue }
        postponed[index] = try? await fire(schedule, at: time) == .postponed ? time : nil
      }
      last = max(last, now)
    }
  }

  private static func lastTime(of schedule: RunSchedule, after start: Date, upTo end: Date) -> Date? {
    var found: Date?
    while let time = schedule.cron.next(after: found ?? start, in: schedule.zone), time <= end { found = time }
    return found
  }

  /// Starts the run of a schedule for one of its times; a second call for that time starts nothing more.
  ///
  /// - Throws: ``RunnerFailure``, ``RunError`` for an input the graph does not take, ``CheckpointFailure``.
  public func fire(_ schedule: RunSchedule, at time: Date) async throws -> Firing {
    let run = RunID("schedule-\(schedule.name)-\(Int(time.timeIntervalSince1970))")
    let common = "schedule-\(schedule.name)"
    let thread = schedule.overlap == .allow ? ThreadID(run.rawValue) : ThreadID(common)
    if try await runner.services.store.record(of: run) != nil { return .started(run) }
    do {
      try await start(schedule, run, thread)
      return .started(run)
    } catch CheckpointFailure.runExists {
      return .started(run)
    } catch CheckpointFailure.threadBusy(_, run: let other) {
      switch schedule.overlap {
      case .skip, .allow: return .skipped
      case .wait: return .postponed
      case .replace:
        _ = try await runner.stop(other)
        return .postponed
      }
    }
  }
}
