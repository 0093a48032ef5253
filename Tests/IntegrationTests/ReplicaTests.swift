import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import PostgresKit
import Testing

/// Several `coach serve` over one PostgreSQL database, as processes.
@Suite(.needsPostgreSQL, .timeLimit(.minutes(5)))
struct ReplicaTests {
  private static let revenue = "What was revenue last month?"
  private static let quiet = ["--port", "0", "--quiet"]

  // MARK: - No sticky sessions

  @Test func `a conversation goes on in whichever replica is asked, and no file is written`() async throws {
    let store = try await SharedStore()
    let coach = try await store.coach()
    let (first, second) = (try await ServedCoach(coach), try await ServedCoach(coach))
    let answer = try await first.chat(Self.revenue).json()
    let session = try #require(answer["session_id"]?.stringValue)
    #expect(
      answer["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue == (try await DemoDatabase.lastMonthsRevenue())
    )
    let follow = try await second.chat("and by region?", session: session)
    #expect(follow.status == 200)
    #expect(try follow.json()["outcome"] == "answer")
    let detail = try await first.get("/api/v1/coach/sessions/\(session)").json()
    #expect(detail["messages"]?.arrayValue?.count == 4)
    #expect(!FileManager.default.fileExists(atPath: coach.metadata))
    #expect(try await first.terminate() == .exited(0))
    #expect(try await second.terminate() == .exited(0))
    try await store.expectEveryRunEndedOnce()
  }

  @Test func `a run of one replica is followed and stopped through another`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .seconds(60)))
    let store = try await SharedStore()
    var coach = try await store.coach()
    coach.environment["COACH_LOCAL_URL"] = model.url
    let (first, second) = (try await ServedCoach(coach), try await ServedCoach(coach))
    var here = try await first.events(of: PlayedModel.question)
    let run = try #require(try await here.next("run_started").data["run_id"]?.stringValue)
    var there = try await second.events(ofRun: run, after: 0)
    #expect(try await there.next("run_started").data["run_id"]?.stringValue == run)
    let clock = ContinuousClock.now
    #expect(try await second.post("/api/v1/coach/runs/\(run)/stop").status < 300)
    #expect(try await there.next("run_finished").data["outcome"] == "stopped")
    #expect(try await here.next("run_finished").data["outcome"] == "stopped")
    // Far less than the model would have taken: the request reached the replica that waits for it.
    #expect(ContinuousClock.now - clock < .seconds(30))
    _ = try await eventually("the request is dropped when it is done", within: .seconds(60)) {
      try await store.count("SELECT count(*) FROM stop_request") == 0 ? true : nil
    }
    withExtendedLifetime(model) {}
  }

  @Test func `a question that a run asks is answered through another replica`() async throws {
    let store = try await SharedStore()
    let coach = try await store.coach()
    let project = try #require(coach.project)
    try project.replace("nodes:\n", with: "  agreed: {type: bool, default: false}\n\nnodes:\n", in: "graphs/coach.yaml")
    try project.replace(
      "  intake:      {use: coach.intake}\n",
      with: """
          agree:       {use: person.ask, with: {question: "Go on?", writes: agreed}}
          intake:      {use: coach.intake}

        """,
      in: "graphs/coach.yaml"
    )
    try project.replace(
      "  - {from: start, to: intake}\n",
      with: "  - {from: start, to: agree}\n  - {from: agree, to: intake}\n",
      in: "graphs/coach.yaml"
    )
    let (first, second) = (try await ServedCoach(coach), try await ServedCoach(coach))
    var here = try await first.events(of: Self.revenue)
    let run = try #require(try await here.next("run_started").data["run_id"]?.stringValue)
    _ = try await here.next("question_asked")
    let asked = try await eventually("the question can be seen elsewhere") {
      let questions = try await second.get("/api/v1/coach/runs/\(run)/questions").json()
      return questions["status"] == "waiting" ? questions : nil
    }
    #expect(asked["questions"]?.arrayValue?.first?["name"] == "agree")
    let answered = try await second.post(
      "/api/v1/coach/runs/\(run)/answers",
      body: Array(#"{"answers": {"agree": true}}"#.utf8)
    )
    #expect(answered.status < 300, "\(String(decoding: answered.body, as: UTF8.self))")
    #expect(try await here.next("run_finished").data["outcome"] == "answer")
    try await store.expectEveryRunEndedOnce()
  }

  // MARK: - Death

  @Test func `one of two replicas is killed under load, and every run ends exactly once`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .milliseconds(80), chunk: .milliseconds(10)))
    let store = try await SharedStore()
    var coach = try await store.coach()
    coach.environment["COACH_LOCAL_URL"] = model.url
    let first = try await ServedCoach(coach, Self.quiet)
    let second = try await ServedCoach(coach, Self.quiet)
    let load = Load([first.url, second.url])
    async let asking: Void = load.ask(clients: 6, PlayedModel.question, Self.revenue)
    _ = try await eventually("runs are under way on both") {
      try await store.count("SELECT count(DISTINCT owner) FROM run WHERE status = 'running'") == 2 && load.answers > 8
        ? true : nil
    }
    let victims = try await store.rows("SELECT owner, count(*) FROM run WHERE status = 'running' GROUP BY owner")
    first.process.signal(SIGKILL)
    #expect(try await first.process.ending() == .killed(SIGKILL))
    let before = load.answers
    _ = try await eventually("the other one goes on") { load.answers > before + 8 ? true : nil }
    load.stop()
    await asking
    try await store.settle()
    try await store.expectEveryRunEndedOnce()
    let taken = try await store.count("SELECT count(*) FROM run WHERE recoveries > 0 OR status = 'finished'")
    #expect(taken > 16)
    #expect(!victims.isEmpty)
    #expect(load.wrong == [])
    #expect(try await second.terminate() == .exited(0))
    withExtendedLifetime(model) {}
  }

  @Test func `a rolling restart loses no run and turns nobody away for good`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .milliseconds(80), chunk: .milliseconds(10)))
    let store = try await SharedStore()
    var coach = try await store.coach()
    coach.environment["COACH_LOCAL_URL"] = model.url
    var replicas = [try await ServedCoach(coach, Self.quiet), try await ServedCoach(coach, Self.quiet)]
    let load = Load(replicas.map(\.url))
    async let asking: Void = load.ask(clients: 6, PlayedModel.question, Self.revenue)
    for place in [0, 1, 0] {
      let before = load.answers
      _ = try await eventually("questions are answered") { load.answers > before + 6 ? true : nil }
      let next = try await ServedCoach(coach, Self.quiet)
      #expect(try await replicas[place].terminate() == .exited(0))
      replicas[place] = next
      load.replace(place, with: next.url)
    }
    load.stop()
    await asking
    try await store.settle()
    try await store.expectEveryRunEndedOnce()
    #expect(load.wrong == [])
    withExtendedLifetime(model) {}
  }

  // MARK: - Starting

  @Test func `a store that cannot be used is told without its password`() async throws {
    var coach = try await Coach.withDemo()
    coach.environment["COACH_STORE"] = "postgres://coach:hunter2secret@127.0.0.1:1/nothing"
    let unreachable = try await coach.run("ask", Self.revenue)
    #expect(unreachable.status == 3)
    #expect(unreachable.errors.contains("postgresql://coach@127.0.0.1:1/nothing"))
    #expect(!(unreachable.output + unreachable.errors).contains("hunter2secret"))

    coach.environment["COACH_STORE"] = "postgres://%%hunter2secret"
    let unreadable = try await coach.run("check")
    #expect(unreadable.status == 1)
    #expect(unreadable.output.contains("COACH_STORE"))
    #expect(!(unreadable.output + unreadable.errors).contains("hunter2secret"))
  }

  @Test func `the tables are made by their owner only, and a user whom row-level security does not hold is refused`()
    async throws
  {
    let store = try await SharedStore()
    var coach = try await store.coach()
    coach.environment["COACH_STORE_OWNER"] = ""
    let refused = try await coach.run("ask", Self.revenue)
    #expect(refused.status == 3)
    #expect(refused.errors.contains("permission denied"), "\(refused.errors)")
    coach.environment["COACH_STORE_OWNER"] = store.database.ownerAddress
    #expect(try await coach.run("ask", Self.revenue).status == 0)
    // Now that they are there, the user alone will do.
    coach.environment["COACH_STORE_OWNER"] = ""
    #expect(try await coach.run("ask", Self.revenue).status == 0)
    #expect(try await coach.run("ledger").status == 0)
    coach.environment["COACH_STORE"] = store.database.ownerAddress.replacing(
      "user=\(store.database.owner.user)",
      with: "user=\(store.database.superuser.user)"
    )
    let superuser = try await coach.run("ask", Self.revenue)
    #expect(superuser.status == 3)
    #expect(superuser.errors.contains("row-level security"))
  }
}

/// People who ask one question after the other, whichever replica answers.
private final class Load: Sendable {
  private struct State: Sendable {
    var urls: [String]
    var answers = 0
    var wrong: [String] = []
    var isOver = false
  }

  private let state: Locked<State>

  init(_ urls: [String]) { state = Locked(State(urls: urls)) }

  /// How many answers came.
  var answers: Int { state.withLock { $0.answers } }
  /// Replies that nobody should get.
  var wrong: [String] { state.withLock { $0.wrong } }

  func stop() { state.withLock { $0.isOver = true } }

  func replace(_ place: Int, with url: String) { state.withLock { $0.urls[place] = url } }

  /// Asks until it is told to stop; a replica that is gone or going counts for nothing.
  func ask(clients: Int, _ questions: String...) async {
    await withTaskGroup(of: Void.self) { group in
      for client in 0..<clients {
        group.addTask { [self] in
          var turn = client
          while let url = state.withLock({ $0.isOver ? nil : $0.urls[turn % $0.urls.count] }) {
            await ask(url, questions[turn / 2 % questions.count])
            turn += 1
          }
        }
      }
    }
  }

  private func ask(_ url: String, _ question: String) async {
    guard let reply = try? await ServedCoach.chat(question, at: url) else {
      try? await Task.sleep(for: .milliseconds(20))
      return
    }
    let outcome = try? reply.json()["outcome"]?.stringValue
    state.withLock { state in
      switch (reply.status, outcome) {
      case (200, "answer"?): state.answers += 1
      // The run was put aside and goes on elsewhere, or no new ones are taken.
      case (503, _), (200, "failed"?): break
      default: state.wrong.append("\(reply.status): \(String(decoding: reply.body.prefix(300), as: UTF8.self))")
      }
    }
  }
}
