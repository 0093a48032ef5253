import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct ScheduleTests {
  private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test(arguments: [
    ("*/15 * * * *", "2025-03-01T00:00:00Z", "2025-03-01T00:15:00Z"),
    ("0 9 * * 1-5", "2025-02-28T09:00:00Z", "2025-03-03T09:00:00Z"),
    ("30 6 1,15 * *", "2025-03-01T06:30:00Z", "2025-03-15T06:30:00Z"),
    ("0 0 29 2 *", "2025-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ("0 0 13 * 5", "2025-06-01T00:00:00Z", "2025-06-06T00:00:00Z"),
    ("0 0 * * 7", "2025-06-01T12:00:00Z", "2025-06-08T00:00:00Z"),
    ("5/20 3 * * *", "2025-06-01T03:05:00Z", "2025-06-01T03:25:00Z"),
  ])
  func `the next time of a schedule`(fields: String, after: String, next: String) throws {
    #expect(try CronSchedule(fields).next(after: Self.date(after)) == Self.date(next))
  }

  @Test func `a day that never comes has no next time`() throws {
    #expect(try CronSchedule("0 0 30 2 *").next(after: Self.date("2025-01-01T00:00:00Z")) == nil)
  }

  @Test(arguments: ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "a * * * *"])
  func `what is no schedule is refused`(fields: String) {
    #expect(throws: CronSchedule.Failure.self) { try CronSchedule(fields) }
  }

  private static func berlin() throws -> ScheduleZone {
    ScheduleZone(
      name: "Europe/Berlin",
      first: 3_600,
      transitions: [
        .init(try date("2025-03-30T01:00:00Z"), offset: 7_200), .init(try date("2025-10-26T01:00:00Z"), offset: 3_600),
      ]
    )
  }

  @Test(arguments: [
    ("0 8 * * *", "2025-03-29T12:00:00Z", "2025-03-30T06:00:00Z"),
    // 02:30 is skipped on 30 March.
    ("30 2 * * *", "2025-03-29T12:00:00Z", "2025-03-30T01:00:00Z"),
    // 02:30 comes twice on 26 October and counts once.
    ("30 2 * * *", "2025-10-25T12:00:00Z", "2025-10-26T00:30:00Z"),
    ("30 2 * * *", "2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"),
  ])
  func `clocks that are changed skip no day and repeat none`(fields: String, after: String, next: String) throws {
    #expect(try CronSchedule(fields).next(after: Self.date(after), in: Self.berlin()) == Self.date(next))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin"), "needs tzdata"))
  func `the system's zone files say the same, also for years to come`() throws {
    let zone = try ScheduleZone(named: "Europe/Berlin")
    for moment in ["2025-01-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-10-26T00:59:59Z", "2025-10-26T01:00:00Z"] {
      #expect(try zone.offset(at: Self.date(moment)) == Self.berlin().offset(at: Self.date(moment)), "\(moment)")
    }
    #expect(zone.offset(at: try Self.date("2061-07-01T00:00:00Z")) == 7_200)
    #expect(zone.offset(at: try Self.date("2061-12-01T00:00:00Z")) == 3_600)
  }

  @Test(arguments: ["Nowhere/City", "../../etc/passwd", "/etc/passwd", ""])
  func `an unknown zone is refused`(name: String) {
    #expect(throws: ScheduleZone.Failure.self) { try ScheduleZone(named: name) }
  }

  // MARK: - The loop

  /// A clock that moves by what the loop sleeps, and stands still for lease renewals.
  private static func runner(_ graph: Graph, _ clock: ManualClock, store: any CheckpointStore) -> GraphRunner {
    GraphRunner(
      graphs: [graph],
      store: store,
      configuration: GraphRunner.Configuration(owner: "loop", leaseDuration: .seconds(30_000)),
      clock: clock.wallClock,
      sleep: { duration in
        if duration >= .seconds(10_000) { return try await Task.sleep(for: .seconds(60)) }
        try Task.checkCancellation()
        clock.advance(by: duration)
        await Task.yield()
      }
    )
  }

  @Test func `the loop starts each run of a schedule at its time, and none while it was not there`() async throws {
    let clock = ManualClock(try Self.date("2025-01-01T00:00:30Z"))
    var builder = GraphBuilder("g")
    builder.node("a", function: writing([:]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let store = MemoryCheckpointStore()
    let runner = Self.runner(try builder.compile(), clock, store: store)
    let schedule = RunSchedule(name: "s", cron: try CronSchedule("*/10 * * * *"))
    let scheduler = GraphScheduler(runner, schedules: [schedule])
    let loop = Task { await scheduler.run() }
    while try await store.records(matching: RunQuery()).count < 3 { await Task.yield() }
    loop.cancel()
    await loop.value
    let records = try await store.records(matching: RunQuery()).reversed()
    let first = Int(try Self.date("2025-01-01T00:10:00Z").timeIntervalSince1970)
    #expect(records.prefix(3).map(\.run.rawValue) == (0..<3).map { "schedule-s-\(first + $0 * 600)" })
    for (number, record) in records.prefix(3).enumerated() {
      #expect(record.createdAt >= Date(timeIntervalSince1970: Double(first + number * 600)))
      #expect(record.createdAt < Date(timeIntervalSince1970: Double(first + number * 600 + 10)))
    }
  }

  @Test func `after a restart the loop goes on with what sleeps and with what a dead process left`() async throws {
    let clock = ManualClock(try Self.date("2025-01-01T00:00:00Z"))
    var builder = GraphBuilder("g")
    builder.channel("x", .int)
    builder.node("a") { _, context in
      try await context.sleep(for: .seconds(1_000))
      return ["x": 1]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    let asleep = try await makeRunner(graph, store: store, clock: clock.wallClock).run()
    #expect(asleep.record.status == .waiting)
    let dying = FailingCheckpointStore(store, after: 1)
    let dead = makeRunner(graph, store: dying, owner: "loop", clock: clock.wallClock)
    await #expect(throws: CheckpointFailure.self) {
      try await dead.start(run: "r2", thread: "t2", input: [:]).outcome()
    }
    let scheduler = GraphScheduler(Self.runner(graph, clock, store: store), poll: .seconds(7))
    let loop = Task { await scheduler.run() }
    for run in ["r1", "r2"] {
      while try await store.record(of: RunID(run))?.status != .finished { await Task.yield() }
    }
    loop.cancel()
    await loop.value
    #expect(
      clock.now >= Date(timeIntervalSince1970: try Self.date("2025-01-01T00:00:00Z").timeIntervalSince1970 + 1_000)
    )
  }

  @Test(arguments: RunSchedule.Overlap.allCases)
  func `a schedule starts each run once and keeps its overlap policy`(overlap: RunSchedule.Overlap) async throws {
    let gate = Gate()
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      await withTaskCancellationHandler {
        await gate.wait()
      } onCancel: {
        gate.open()
      }
      try Task.checkCancellation()
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try builder.compile(), store: store)
    let schedule = RunSchedule(name: "s", cron: try CronSchedule("* * * * *"), overlap: overlap)
    let scheduler = GraphScheduler(runner, schedules: [schedule])
    let first = try Self.date("2025-01-01T00:00:00Z")
    #expect(try await scheduler.fire(schedule, at: first) == .started("schedule-s-1735689600"))
    #expect(try await scheduler.fire(schedule, at: first) == .started("schedule-s-1735689600"))
    let wanted: GraphScheduler.Firing =
      switch overlap {
      case .skip: .skipped
      case .wait, .replace: .postponed
      case .allow: .started("schedule-s-1735689660")
      }
    #expect(try await scheduler.fire(schedule, at: first + 60) == wanted)
    if overlap != .replace { gate.open() }
    let ended = try await runner.resume("schedule-s-1735689600").outcome().record.status
    #expect(ended == (overlap == .replace ? .stopped : .finished))
    #expect(try await scheduler.fire(schedule, at: first + 60) == .started("schedule-s-1735689660"))
  }
}
