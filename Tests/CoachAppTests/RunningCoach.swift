import CoachAPI
import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import Persistence
import SemanticLayer
import Testing

@testable import CoachApp

/// A coach over the shipped folder, with what it needs from the machine replaced.
struct RunningCoach {
  let application: CoachApplication

  init(
    local: String? = nil,
    cloud: String? = nil,
    metadata: String? = nil,
    owner: String = "test",
    database: String? = nil,
    root: String = Shipped.root,
    dataFolder: String? = nil,
    time: HandTime? = nil,
    log: @escaping @Sendable (String) -> Void = { Issue.record("logged: \($0)") }
  ) async throws {
    var environment: [String: String] = [:]
    if let local { environment["COACH_LOCAL_URL"] = local }
    if let cloud {
      environment["COACH_CLOUD_URL"] = cloud
      environment["OPENAI_API_KEY"] = "sk-test"
    }
    let options = Installation.Options(
      root: root,
      dataFolder: dataFolder,
      databases: ["dealer": database ?? Shipped.database]
    )
    let (installation, findings) = Installation.load(options, environment: environment)
    let counter = Locked<UInt64>(0)
    let clock = time?.clock.wallClock ?? .system
    let surroundings = Surroundings(
      environment: environment,
      clock: clock,
      random: {
        counter.withLock { count in
          count += 1
          return count &* 0x9E37_79B9_7F4A_7C15
        }
      },
      sleep: { duration in
        if let time { try await time.sleep(duration) } else { try await Task.sleep(for: duration) }
      },
      log: log
    )
    application = try await CoachApplication(
      try #require(installation, "\(findings)"),
      surroundings: surroundings,
      owner: owner,
      store: metadata.map { .file($0) } ?? .memory
    )
  }

  /// What came of one message.
  struct Reply {
    var run: RunID
    var session: SessionID
    var events: [CoachEvent]
    var answer: JSONValue
    var outcome: String { events.last?.data["outcome"]?.stringValue ?? "" }
    var text: String { answer["text"]?.stringValue ?? "" }
    var notes: [String] { (answer["notes"]?.arrayValue ?? []).compactMap(\.stringValue) }
    func events(_ type: String) -> [JSONValue] { events.filter { $0.type == type }.map(\.data) }
    /// What a client that shows tokens as they come has on its screen at the end.
    var streamedText: String {
      events.reduce(into: "") { text, event in
        if event.type == "token" { text += event.data["text"]?.stringValue ?? "" }
        if event.type == "token_reset" { text = "" }
      }
    }
  }

  func ask(_ message: String, in session: SessionID? = nil) async throws -> Reply {
    try await reply(to: try await application.ask(ChatRequest(message: message, sessionID: session)))
  }

  func reply(to run: StartedRun) async throws -> Reply {
    var events: [CoachEvent] = []
    for await event in run.events { events.append(event) }
    let answer = events.last { $0.type == CoachEvent.answer }?.data ?? .null
    return Reply(run: run.runID, session: run.sessionID, events: events, answer: answer)
  }

  func attempts(of reply: Reply) async throws -> [ModelAttempt] {
    try await application.database.ledger.attempts(in: LedgerScope(.run(reply.run)), limit: 100)
      .sorted { $0.startedAt < $1.startedAt }
  }

  /// Runs a test with a coach, and shuts it down.
  static func run(
    local: String? = nil,
    cloud: String? = nil,
    metadata: String? = nil,
    root: String = Shipped.root,
    _ body: (RunningCoach) async throws -> Void
  ) async throws {
    let coach = try await RunningCoach(local: local, cloud: cloud, metadata: metadata, root: root)
    do {
      try await body(coach)
    } catch {
      await coach.application.shutdown()
      throw error
    }
    await coach.application.shutdown()
  }
}

/// A scripted model that listens for the length of a test.
func withModel(_ exchanges: [ScriptedExchange], _ body: (ScriptedModelServer) async throws -> Void) async throws {
  let server = ScriptedModelServer(exchanges)
  try server.start()
  do {
    try await body(server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

extension ScriptedExchange {
  /// A question that the parser cannot read.
  static let hardQuestion = "Standard deviation of revenue of an order in May 2026"

  /// A statement that answers it, with two columns and one row.
  static let goodSQL =
    "SELECT net_revenue AS revenue FROM sales WHERE status = 'Completed' AND sale_date >= '2026-05-01' "
    + "AND sale_date < '2026-06-01' ORDER BY net_revenue, sale_id LIMIT 1"

  /// A reply of the SQL generator.
  static func sql(_ sql: String, times: Int = 1, usage: ScriptedUsage = .estimated) -> ScriptedExchange {
    let reply: JSONValue = [
      "kind": "sql", "sql": .string(sql), "explanation": "Smallest order, 1–31 May 2026.", "missing": "",
    ]
    return ScriptedExchange(match: "You write SQL", times: times, reply: reply.text, usage: usage)
  }

  /// A reply of the answer formatter.
  static func wording(
    _ text: String,
    times: Int = 1,
    usage: ScriptedUsage = .estimated,
    delay: Duration = .zero,
    fault: ModelFault? = nil
  ) -> ScriptedExchange {
    ScriptedExchange(match: "You word the result", times: times, reply: text, usage: usage, delay: delay, fault: fault)
  }

  static func tokens(_ input: Int, _ output: Int, cached: Int = 0) -> ScriptedUsage {
    .fixed([
      "prompt_tokens": .int(input), "completion_tokens": .int(output), "total_tokens": .int(input + output),
      "prompt_tokens_details": ["cached_tokens": .int(cached)],
    ])
  }
}

/// A clock that a test moves by hand, and waits that go by it.
struct HandTime: Sendable {
  let clock: ManualClock
  private let sleepers = Locked(0)

  /// How many waits are under way.
  var waits: Int { sleepers.withLock(\.self) }

  init(_ text: String) throws { clock = ManualClock(try Date(text, strategy: .iso8601)) }

  func sleep(_ duration: Duration) async throws {
    let end = clock.now + duration / .seconds(1)
    sleepers.withLock { $0 += 1 }
    defer { sleepers.withLock { $0 -= 1 } }
    while clock.now < end { try await Task.sleep(for: .milliseconds(2)) }
  }
}

/// Lines that come from any task.
final class Lines: Sendable {
  private let lines = Locked<[String]>([])

  var all: [String] { lines.withLock(\.self) }

  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension [CoachEvent] {
  /// Whether each has a greater number than the one before.
  var isRising: Bool { zip(self, dropFirst()).allSatisfy { $0.sequence < $1.sequence } }
}
