import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import Persistence
import StateGraph
import Testing

@testable import CoachApp

@Suite struct ScheduleTests {
  private static let nightly = """
    schedules:
      nightly:
        graph: coach
        cron: "30 2 * * *"
        zone: Europe/Berlin
        overlap: skip
        input: {message: "What was revenue in May 2026?"}
    """

  /// Waits for two hours in its second node.
  private static let patient = """
    graph: patient
    state:
      note: {type: string, default: ""}
    nodes:
      rest: {use: time.wait, with: {for: 2h}}
    edges:
      - {from: start, to: rest}
      - {from: rest, to: end}
    """

  private func load(_ schedules: String) throws -> (installation: Installation?, findings: [String]) {
    let root = try Shipped.copy(changing: ["config/schedules.yaml": schedules, "graphs/patient.yaml": Self.patient])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (installation, diagnostics) = Installation.load(.init(root: root), environment: [:])
    return (installation, diagnostics.filter { $0.severity == .error }.map(\.description))
  }

  // MARK: - Files

  @Test func `a schedule is read and listed with its next time, in the clocks of its zone`() throws {
    let (installation, findings) = try load(Self.nightly)
    #expect(findings == [])
    let summer = try Date("2026-07-01T12:00:00Z", strategy: .iso8601)
    let listed = try #require(installation?.describeSchedules(now: summer))
    #expect(
      listed == [
        [
          "name": "nightly", "graph": "coach", "cron": "30 2 * * *", "zone": "Europe/Berlin", "overlap": "skip",
          "input": ["message": "What was revenue in May 2026?"], "next": "2026-07-02T00:30:00Z",
        ]
      ]
    )
    let winter = try Date("2026-12-01T12:00:00Z", strategy: .iso8601)
    #expect(installation?.describeSchedules(now: winter).arrayValue?.first?["next"] == "2026-12-02T01:30:00Z")
  }

  @Test func `without the file there are no schedules, and every key but graph and cron may be left out`() throws {
    let (installation, _) = Installation.load(.init(root: Shipped.root), environment: [:])
    #expect(installation?.schedules == [])
    let (short, findings) = try load("schedules:\n  hourly: {graph: patient, cron: \"0 * * * *\"}\n")
    #expect(findings == [])
    #expect(short?.schedules.first?.zone == .utc)
    #expect(short?.schedules.first?.overlap == .skip)
  }

  @Test(arguments: [
    ("graph: coach", "graph: couch", 3, "names no graph 'couch'; there are: coach, investigate, patient, plan_goals"),
    ("    graph: coach\n", "", 3, "needs 'graph'"),
    ("\"30 2 * * *\"", "\"30 25 * * *\"", 4, "'25' is no hour"),
    ("\"30 2 * * *\"", "daily", 4, "needs five fields"),
    ("\"30 2 * * *\"", "\"0 0 30 2 *\"", 4, "never comes"),
    ("Europe/Berlin", "Europe/Berlino", 5, "time zone 'Europe/Berlino'"),
    ("Europe/Berlin", "../../etc/passwd", 5, "no name of a time zone"),
    ("overlap: skip", "overlap: queue", 6, "must be one of skip, wait, replace, allow"),
    ("overlap: skip", "overlop: skip", 6, "overlop"),
    ("message:", "massage:", 7, "takes no 'massage'"),
    ("message: \"What was revenue in May 2026?\"", "message: [1]", 7, "'message' must be string"),
    ("{message: \"What was revenue in May 2026?\"}", "{}", 3, "needs a 'message'"),
    ("{message:", "{session: s1, message:", 7, "remove 'session'"),
    ("{message:", "{domain: diller, message:", 7, "there is no domain 'diller'"),
    ("  nightly:", "  night ly:", 2, "cannot be a schedule's name"),
    ("schedules:", "shedules:", 1, "shedules"),
  ])
  func `a fault is found before anything runs, with its line`(
    _ old: String,
    _ new: String,
    _ line: Int,
    _ wanted: String
  ) throws {
    #expect(Self.nightly.contains(old))
    let (installation, findings) = try load(Self.nightly.replacing(old, with: new, maxReplacements: 1))
    #expect(installation == nil)
    let place = "config/schedules.yaml:\(line): error: "
    #expect(findings.contains { $0.hasPrefix(place) && $0.contains(wanted) }, "\(findings)")
  }

  @Test func `the schedule and the graph of the guide are sound`() throws {
    let guide = try Shipped.text("docs/state-graph.md")
    let blocks = guide.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
    let schedules = try #require(blocks.first { $0.hasPrefix("schedules:") })
    let graph = try #require(blocks.first { $0.hasPrefix("graph: approval") })
    let root = try Shipped.copy(
      changing: ["config/schedules.yaml": String(schedules), "graphs/approval.yaml": String(graph)]
    )
    let (installation, diagnostics) = Installation.load(.init(root: root), environment: [:])
    #expect(diagnostics.map(\.description) == [])
    #expect(installation?.schedules.map(\.name) == ["monday_review"])
  }

  // MARK: - Runs

  /// Moves the time, and a second more with each look: what waits may have begun its wait only after the time had moved.
  private static func soon(
    after duration: Duration,
    _ time: HandTime,
    _ condition: () async throws -> Bool
  ) async throws {
    time.clock.advance(by: duration)
    try await eventually {
      time.clock.advance(by: .seconds(1))
      return try await condition()
    }
  }

  /// A coach whose clock is moved by hand and whose schedules run, as in a server.
  private func serving(
    _ schedules: String,
    at start: String,
    metadata: String? = nil,
    _ body: (CoachApplication, HandTime, Lines) async throws -> Void
  ) async throws {
    // Without computed answers, whose own waits would be counted too.
    let root = try Shipped.copy(
      changing: ["config/schedules.yaml": schedules, "config/dumps.yaml": nil, "graphs/patient.yaml": Self.patient]
    )
    let time = try HandTime(start)
    let log = Lines()
    let coach = try await RunningCoach(metadata: metadata, root: root, time: time, log: { log.add($0) })
    let work = Task { await coach.application.workInBackground() }
    let result: Result<Void, any Error>
    do {
      // The first look is over before the time moves.
      try await eventually { time.waits == 2 }
      result = .success(try await body(coach.application, time, log))
    } catch {
      result = .failure(error)
    }
    work.cancel()
    await work.value
    await coach.application.shutdown()
    try result.get()
  }

  @Test func `a schedule starts its run at its time, in a conversation of its own`() async throws {
    try await serving(Self.nightly, at: "2026-07-01T23:00:00Z") { application, time, log in
      try await Self.soon(after: .seconds(90 * 60), time) { !log.all.isEmpty }
      let run = RunID("schedule-nightly-1782952200")
      #expect(log.all == ["schedule 'nightly' started run \(run)"])
      try await eventually { try await application.graphHistory(of: run)["status"] == "finished" }
      let session = try await application.session("schedule-nightly")
      #expect(session["title"] == "Schedule nightly")
      #expect(session["messages"]?.arrayValue?.map { $0["role"] } == ["user", "assistant"])

      try await Self.soon(after: .seconds(86_400), time) { log.all.count == 2 }
      let next = RunID("schedule-nightly-1783038600")
      try await eventually { try await application.graphHistory(of: next)["status"] == "finished" }
      #expect(try await application.session("schedule-nightly")["messages"]?.arrayValue?.count == 4)
    }
  }

  @Test(arguments: [("skip", false), ("allow", true)])
  func `what happens when the run before is not at its end, is up to the schedule`(
    _ overlap: String,
    startsSecond: Bool
  ) async throws {
    let schedules = "schedules:\n  often: {graph: patient, cron: \"0 * * * *\", overlap: \(overlap)}\n"
    try await serving(schedules, at: "2026-07-01T22:59:00Z") { application, time, log in
      try await Self.soon(after: .seconds(60), time) { log.all.count == 1 }
      let first = RunID("schedule-often-1782946800")
      try await eventually { try await application.graphHistory(of: first)["status"] == "waiting" }
      try await Self.soon(after: .seconds(3_600), time) { log.all.count == 2 }
      let second = RunID("schedule-often-1782950400")
      let record = try await application.database.checkpoints(of: .local).record(of: second)
      #expect((record != nil) == startsSecond)
      #expect(log.all.last?.contains(startsSecond ? "started run \(second)" : "still at work (skip)") == true)
    }
  }

  @Test func `a wait that began in another process ends in a server, and does not count towards the time limit`()
    async throws
  {
    let metadata = Shipped.temporary("waits.db")
    let root = try Shipped.copy(changing: ["graphs/patient.yaml": Self.patient])
    let before = try HandTime("2026-07-01T12:00:00Z")
    let other = try await RunningCoach(metadata: metadata, owner: "other", root: root, time: before)
    let waiting = try await other.application.runGraph("patient", input: [:], domain: "dealer")
    #expect(waiting["status"] == "waiting")
    #expect(waiting["wake_at"] == "2026-07-01T14:00:00Z")
    let run = RunID(try #require(waiting["run"]?.stringValue))
    await other.application.shutdown()

    try await serving("schedules: {}", at: "2026-07-01T13:00:00Z", metadata: metadata) { application, time, _ in
      try await Self.soon(after: .seconds(3_600), time) {
        try await application.graphHistory(of: run)["status"] == "finished"
      }
      let record = try await application.database.checkpoints(of: .local).record(of: run)
      let deadline =
        before.clock.now + 7_200 + application.installation.folder.server.runTimeLimit / .seconds(1)
      // It goes on at the first look after its time.
      #expect(record?.deadline.map { (deadline...(deadline + 60)).contains($0) } == true)
    }
  }

  @Test func `a run that cannot go on is told once, and what was put aside by hand stays aside`() async throws {
    let metadata = Shipped.temporary("orphans.db")
    try await serving("schedules: {}", at: "2026-07-01T12:00:00Z", metadata: metadata) { application, time, log in
      func leave(_ run: RunID, _ status: RunStatus) async throws {
        var record = RunRecord(
          run: run,
          thread: ThreadID(run.rawValue),
          graph: "patient",
          graphHash: "of another day",
          owner: "gone",
          leaseExpires: Date(timeIntervalSince1970: 0),
          createdAt: Date(timeIntervalSince1970: 0)
        )
        record.status = status
        let start = RunStart(record: record, changes: [], frontier: Frontier(due: ["rest"]), events: [])
        try await application.database.checkpoints(of: .local).create(start)
      }
      try await leave("aside", .interrupted)
      try await leave("lost", .running)
      try await Self.soon(after: application.lookingInterval, time) { !log.all.isEmpty }
      // A second one shows that it was looked again.
      try await leave("lost-too", .running)
      try await Self.soon(after: application.lookingInterval, time) { log.all.count >= 2 }
      #expect(
        log.all.map { $0.prefix { $0 != ":" } }
          == ["lost", "lost-too"].map { "run \($0) of graph 'patient' cannot go on" }
      )
      #expect(try await application.graphHistory(of: "aside")["status"] == "interrupted")
    }
  }
}
