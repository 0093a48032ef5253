import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import SQLiteKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CrashTests {
  private static let rounds = 24
  private static let revenue = "What was revenue last month?"

  @Test(arguments: [UInt64(2_026)])
  func `a server that is killed at any moment loses nothing and doubles nothing`(seed: UInt64) async throws {
    let model = try await PlayedModel(
      PlayedModel.answering(first: .milliseconds(60), chunk: .milliseconds(10))
    )
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": model.url]
    var chance = SplitMix64(seed: seed)
    var given: [JSONValue] = []
    var interrupted = 0
    for round in 1...Self.rounds {
      let delay = Duration.milliseconds(Int.random(in: 0...450, using: &chance))
      if round % 6 == 0 {
        try await Self.killWhileStarting(coach, after: delay)
      } else {
        let session = given.first?["session_id"]?.stringValue
        given += try await Self.killWhileAnswering(coach, after: delay, session: session)
        interrupted += try Metadata(coach).openRuns
      }
      try Metadata(coach).expectSound()
    }
    #expect(interrupted > Self.rounds / 2, "hardly any kill hit a run: the delays are wrong")

    let server = try await ServedCoach(coach)
    try await Self.settle(coach)
    let metadata = try Metadata(coach)
    try metadata.expectSound()
    try metadata.expectEveryRunAnswered()
    try metadata.expectHeld(given)
    let session = try #require(given.first?["session_id"]?.stringValue)
    let detail = try await server.get("/api/v1/coach/sessions/\(session)").json()
    #expect((detail["messages"]?.arrayValue?.count ?? 0) > Self.rounds / 2)
    #expect(try await server.terminate() == .exited(0))
    withExtendedLifetime(model) {}
  }

  /// Asks several questions at once and kills the server; returns the answers that came before.
  private static func killWhileAnswering(
    _ coach: Coach,
    after delay: Duration,
    session: String?
  ) async throws -> [JSONValue] {
    let server = try await ServedCoach(coach, ["--port", "0", "--quiet"])
    try await settle(coach)
    let next = try await server.chat(revenue, session: session)
    try #require(next.status == 200, "the next question fails: \(String(decoding: next.body, as: UTF8.self))")
    return try await withThrowingTaskGroup(of: [JSONValue].self) { group in
      group.addTask { await answers(of: server, PlayedModel.question, session: session) }
      group.addTask { await answers(of: server, PlayedModel.question) }
      group.addTask { await answers(of: server, revenue, again: true) }
      try await Task.sleep(for: delay)
      server.process.signal(SIGKILL)
      #expect(try await server.process.ending() == .killed(SIGKILL))
      return try await group.reduce(into: [try next.json()]) { $0 += $1 }
    }
  }

  /// The answers to a question until the server is gone.
  private static func answers(
    of server: ServedCoach,
    _ question: String,
    session: String? = nil,
    again: Bool = false
  ) async -> [JSONValue] {
    var answers: [JSONValue] = []
    repeat {
      guard let reply = try? await server.chat(question, session: session), let answer = try? reply.json() else {
        break
      }
      #expect(reply.status == 200, "\(answer.text)")
      answers.append(answer)
    } while again
    return answers
  }

  private static func killWhileStarting(_ coach: Coach, after delay: Duration) async throws {
    let process = try coach.start(["serve", "--port", "0", "--quiet"])
    try await Task.sleep(for: delay)
    process.signal(SIGKILL)
    #expect(try await process.ending() == .killed(SIGKILL))
  }

  /// Waits until no run is open.
  private static func settle(_ coach: Coach) async throws {
    _ = try await eventually("the interrupted runs come to an end") { try Metadata(coach).openRuns == 0 ? true : nil }
  }
}

/// The coach's own database, looked at from outside.
private struct Metadata {
  private let database: SQLiteDatabase

  init(_ coach: Coach) throws {
    database = try SQLiteDatabase(
      path: coach.metadata,
      configuration: SQLiteConfiguration(mode: .readWrite(create: false))
    )
  }

  /// How many runs have not come to an end.
  var openRuns: Int {
    get throws { try count("SELECT count(*) FROM run WHERE status IN ('running', 'interrupted')") }
  }

  /// Whatever is saved is whole, in every state.
  func expectSound() throws {
    #expect(try database.query("PRAGMA integrity_check").rows == [[.text("ok")]])
    #expect(try database.query("PRAGMA foreign_key_check").isEmpty)
    for (fault, sql) in Self.faults { #expect(try count(sql) == 0, "\(fault)") }
  }

  /// No question was dropped.
  func expectEveryRunAnswered() throws {
    let unanswered = "status <> 'finished' OR run NOT IN (SELECT run FROM message WHERE role = 'assistant')"
    #expect(try count("SELECT count(*) FROM run WHERE \(unanswered)") == 0)
  }

  /// What clients were given is what is kept.
  func expectHeld(_ answers: [JSONValue]) throws {
    for answer in answers {
      let id = answer["message_id"]?.stringValue
      let kept = try database.query("SELECT answer FROM message WHERE id = ?", [SQLiteValue(id)]).scalar?.string
      #expect(try kept.map { try JSONValue(parsing: $0) } == answer)
    }
  }

  private func count(_ sql: String) throws -> Int { try database.query(sql).scalar?.int ?? -1 }

  /// Statements that count what must not be.
  private static let faults = [
    (
      "a question is answered twice",
      "SELECT count(*) FROM (SELECT 1 FROM message GROUP BY run, role HAVING count(*) > 1)"
    ),
    (
      "a message belongs to no run",
      "SELECT count(*) FROM message WHERE run IS NULL OR run NOT IN (SELECT run FROM run)"
    ),
    (
      "a run has no question", "SELECT count(*) FROM run WHERE run NOT IN (SELECT run FROM message WHERE role = 'user')"
    ),
    ("a session is empty", "SELECT count(*) FROM session WHERE id NOT IN (SELECT session FROM message)"),
    (
      "a finished run has no answer",
      "SELECT count(*) FROM run WHERE status = 'finished' AND run NOT IN (SELECT run FROM message WHERE role = 'assistant')"
    ),
    (
      "an answer is not whole",
      """
      SELECT count(*) FROM message WHERE role = 'assistant'
      AND (text = '' OR NOT json_valid(answer) OR answer ->> 'message_id' <> id OR answer ->> 'run_id' <> run
        OR answer ->> 'text' <> text)
      """
    ),
    (
      "a session counts its messages wrongly",
      """
      SELECT count(*) FROM session WHERE message_count <> (SELECT count(*) FROM message WHERE session = session.id)
      """
    ),
    (
      "messages have gaps between them",
      "SELECT count(*) FROM (SELECT 1 FROM message GROUP BY session HAVING max(position) - min(position) + 1 <> count(*))"
    ),
  ]
}
