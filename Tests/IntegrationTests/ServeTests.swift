import CoachVocabulary
import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(3)))
struct ServeTests {
  private static let revenue = "What was revenue last month?"

  @Test func `it says when it is ready, and health and starters answer`() async throws {
    let coach = try await Coach.withDemo()
    let server = try await ServedCoach(coach)
    #expect(server.process.output == "Coach is ready at \(server.url)/\n")
    let health = try await server.get("/api/health").json()
    #expect(health["status"] == "ok")
    #expect(health["domains"] == ["dealer"])
    let version = try await coach.run("version").output
    #expect(health["version"]?.stringValue.map { $0 + "\n" } == version)
    let starters = try await server.get("/api/v1/coach/starters").json()
    #expect(starters["domain"] == "dealer")
    #expect(starters["as_of"] == "2026-06-30")
    #expect((starters["starters"]?.arrayValue?.count ?? 0) >= 5)
  }

  @Test func `every starter is answered without a model`() async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    let starters = try await server.get("/api/v1/coach/starters").json()["starters"]?.arrayValue ?? []
    for starter in starters.compactMap(\.stringValue) {
      let answer = try await server.chat(starter).json()
      #expect(answer["outcome"] == "answer", "\(starter)")
      #expect(answer["rows"]?.arrayValue?.isEmpty == false, "\(starter)")
    }
  }

  @Test func `a chat gives the number of the tables and is kept as a session`() async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    let first = try await server.chat(Self.revenue)
    #expect(first.status == 200)
    #expect(first.contentType.hasPrefix("application/json"))
    let answer = try first.json()
    let expected = try await DemoDatabase.lastMonthsRevenue()
    #expect(answer["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue == expected)

    let session = try #require(answer["session_id"]?.stringValue)
    #expect(try await server.chat("and by region?", session: session).status == 200)
    let listed = try await server.get("/api/v1/coach/sessions").json()["sessions"]?.arrayValue ?? []
    #expect(listed.count == 1)
    #expect(listed.first?["id"]?.stringValue == session)
    #expect(listed.first?["message_count"] == 4)
    let detail = try await server.get("/api/v1/coach/sessions/\(session)").json()
    #expect(detail["title"]?.stringValue == Self.revenue)
    let messages = detail["messages"]?.arrayValue ?? []
    #expect(messages.map { $0["role"]?.stringValue } == ["user", "assistant", "user", "assistant"])
    #expect(messages.first?["text"]?.stringValue == Self.revenue)
    #expect(messages[1]["answer"] == answer)
  }

  @Test func `events come in order, and the end comes once and last`() async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    var reader = try await server.events(of: Self.revenue)
    let events = try await reader.rest()
    let numbers = events.map(\.id)
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
    #expect(events.first?.type == "run_started")
    #expect(events.last?.type == "run_finished")
    #expect(events.last?.data["outcome"] == "answer")
    #expect(events.count { $0.type == "run_finished" } == 1)
    #expect(events.count { $0.type == "answer" } == 1)
    let steps = events.filter { $0.type == "step" }
    #expect(steps.count { $0.data["phase"] == "started" } == steps.count { $0.data["phase"] == "finished" })
    let expected = try await DemoDatabase.lastMonthsRevenue()
    let answer = try #require(events.first { $0.type == "answer" })
    #expect(answer.data["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue == expected)

    let run = try #require(events.first?.data["run_id"]?.stringValue)
    var joined = try await server.events(ofRun: run, after: numbers[2])
    #expect(try await joined.rest().map(\.id) == Array(numbers.dropFirst(3)))
  }

  @Test func `words of a model arrive as tokens before the answer`() async throws {
    let model = try await PlayedModel(PlayedModel.answering())
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": model.url]
    let server = try await ServedCoach(coach)
    var reader = try await server.events(of: PlayedModel.question)
    let events = try await reader.rest()
    let answered = try #require(events.firstIndex { $0.type == "answer" })
    let firstToken = try #require(events.firstIndex { $0.type == "token" })
    #expect(firstToken < answered)
    #expect(events.last?.data["outcome"] == "answer")
    withExtendedLifetime(model) {}
  }

  @Test func `a run can be stopped while a model is thinking`() async throws {
    let (server, model) = try await Self.servedWithSlowModel()
    var reader = try await server.events(of: PlayedModel.question)
    let run = try #require(try await reader.next("run_started").data["run_id"]?.stringValue)
    #expect(try await server.post("/api/v1/coach/runs/\(run)/stop").status == 202)
    let rest = try await reader.rest()
    #expect(rest.last?.type == "run_finished")
    #expect(rest.last?.data["outcome"] == "stopped")
    #expect(!rest.contains { $0.type == "answer" })
    withExtendedLifetime(model) {}
  }

  @Test func `a session answers one message at a time`() async throws {
    let (server, model) = try await Self.servedWithSlowModel()
    var reader = try await server.events(of: PlayedModel.question)
    let session = try #require(try await reader.next("run_started").data["session_id"]?.stringValue)
    let refused = try await server.chat(Self.revenue, session: session)
    #expect(refused.status == 409)
    #expect(try refused.json()["code"] == "session_busy")
    #expect(try await server.chat(Self.revenue).status == 200)
    withExtendedLifetime(model) {}
  }

  // MARK: - Bad requests

  struct Bad: Sendable, CustomTestStringConvertible {
    var method = "POST"
    var path = ServedCoach.chatPath
    var headers = [("Content-Type", "application/json")]
    var body: [UInt8] = []
    var status: Int
    var code: String
    var testDescription: String { "\(method) \(path) \(String(decoding: body.prefix(40), as: UTF8.self))" }

    static func chat(_ body: String, _ status: Int, _ code: String) -> Bad {
      Bad(body: Array(body.utf8), status: status, code: code)
    }
  }

  @Test func `what is wrong with a request is said as a problem, and the server goes on`() async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    let tooLong = "{\"message\": \"\(String(repeating: "a", count: 4_001))\"}"
    let requests: [Bad] = [
      Bad(method: "GET", path: "/nowhere", status: 404, code: "not_found"),
      Bad(method: "GET", path: "/api/v1/coach/sessions/nobody", status: 404, code: "unknown_session"),
      Bad(method: "GET", path: "/api/v1/coach/sessions/..%2f..%2fetc", status: 400, code: "bad_request"),
      Bad(path: "/api/v1/coach/runs/nobody/stop", status: 404, code: "unknown_run"),
      Bad(method: "GET", path: "/api/v1/coach/starters?domain=nowhere", status: 404, code: "unknown_domain"),
      Bad(method: "GET", path: "/api/v1/coach/sessions?limit=many", status: 400, code: "bad_limit"),
      Bad(path: "/api/health", status: 405, code: "method_not_allowed"),
      Bad(headers: [("Content-Type", "text/plain")], body: [0x7B, 0x7D], status: 415, code: "unsupported_media_type"),
      Bad(
        headers: [("Content-Type", "application/json"), ("Origin", "https://elsewhere.example")],
        body: Array("{\"message\": \"revenue\"}".utf8),
        status: 403,
        code: "wrong_origin"
      ),
      Bad(body: [UInt8](repeating: 0x20, count: 1 << 20 + 1), status: 413, code: "body_too_long"),
      Bad(body: Array("{\"message\": \"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8), status: 400, code: "invalid_utf8"),
      .chat("", 400, "empty_body"), .chat("{\"message\": ", 400, "invalid_json"), .chat("[]", 400, "invalid_json"),
      .chat("{\"text\": \"revenue\"}", 400, "missing_field"), .chat("{\"message\": 7}", 400, "wrong_type"),
      .chat(String(repeating: "[", count: 20_000), 400, "invalid_json"),
      .chat("{\"message\": \" \\n \"}", 422, "empty_message"), .chat(tooLong, 422, "message_too_long"),
      .chat("{\"message\": \"revenue\", \"domain\": \"nowhere\"}", 404, "unknown_domain"),
      .chat("{\"message\": \"revenue\", \"session_id\": \"nobody\"}", 404, "unknown_session"),
    ]
    for request in requests {
      let reply =
        request.method == "GET"
        ? try await server.get(request.path)
        : try await server.post(request.path, body: request.body, headers: request.headers)
      let problem = try reply.json()
      #expect(reply.status == request.status, "\(request.testDescription): \(problem.text)")
      #expect(reply.contentType.hasPrefix("application/problem+json"), "\(request.testDescription)")
      #expect(problem["code"]?.stringValue == request.code, "\(request.testDescription): \(problem.text)")
      #expect(problem["status"]?.intValue == request.status)
      for member in ["type", "title", "detail", "request_id"] {
        #expect(problem[member]?.stringValue?.isEmpty == false, "\(request.testDescription): \(member)")
      }
    }
    #expect(try await server.chat(Self.revenue).status == 200)
    #expect(try await server.get("/api/v1/coach/sessions").json()["sessions"]?.arrayValue?.count == 1)
  }

  // MARK: - Beginning and end

  @Test(arguments: ["0.0.0.0", "::", "192.168.0.1", "example.com"])
  func `it does not listen where others could reach it`(host: String) async throws {
    let result = try await Coach.withDemo().run("serve", "--host", host, "--port", "0")
    #expect(result.status == 3)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("cannot listen on '\(host)'"))
    #expect(result.errors.contains("127.0.0.1"))
  }

  @Test func `a taken port is named`() async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    let second = try await Coach.withDemo().run("serve", "--port", "\(server.port)")
    #expect(second.status == 3)
    #expect(second.output.isEmpty)
    #expect(second.errors.contains("\(server.port)"))
    #expect(try await server.get("/api/health").status == 200)
  }

  @Test func `a data folder has one server at a time`() async throws {
    let coach = try await Coach.withDemo()
    let server = try await ServedCoach(coach)
    let second = try await coach.run("serve", "--port", "0")
    #expect(second.status == 3)
    #expect(second.errors.contains(coach.dataFolder))
    #expect(try await coach.run("ask", Self.revenue).status == 0)
    #expect(try await server.terminate() == .exited(0))
    #expect(try await ServedCoach(coach).get("/api/health").status == 200)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends it cleanly`(number: Int32) async throws {
    let server = try await ServedCoach(try await Coach.withDemo())
    #expect(try await server.chat(Self.revenue).status == 200)
    server.process.signal(number)
    #expect(try await server.process.ending(within: .seconds(10)) == .exited(0))
  }

  @Test func `it ends within its grace also while a model is thinking for an open stream`() async throws {
    let (server, model) = try await Self.servedWithSlowModel(stopGrace: "1s")
    var reader = try await server.events(of: PlayedModel.question)
    _ = try await reader.next("run_started")
    #expect(try await server.terminate(within: .seconds(15)) == .exited(0))
    withExtendedLifetime(model) {}
  }

  @Test func `whoever waits for an answer when it stops is told so`() async throws {
    let (server, model) = try await Self.servedWithSlowModel(stopGrace: "1s")
    async let reply = server.chat(PlayedModel.question)
    _ = try await eventually("the question is taken") {
      try await server.get("/api/v1/coach/sessions").json()["sessions"]?.arrayValue?.first
    }
    #expect(try await server.terminate(within: .seconds(15)) == .exited(0))
    // An answer with 5xx or a closed connection, but never an answer that is none.
    let status = try? await reply.status
    #expect((status ?? 503) >= 500)
    withExtendedLifetime(model) {}
  }

  @Test func `a second signal ends at once what will not stop`() async throws {
    let (server, model) = try await Self.servedWithSlowModel(stopGrace: "10m")
    var reader = try await server.events(of: PlayedModel.question)
    _ = try await reader.next("run_started")
    server.process.signal(SIGINT)
    _ = try await eventually("it says that it stops") { server.process.errors.contains("stopping") ? true : nil }
    #expect(server.process.isRunning)
    server.process.signal(SIGINT)
    #expect(try await server.process.ending(within: .seconds(10)) == .killed(SIGINT))
    withExtendedLifetime(model) {}
  }

  @Test func `a question that a stop cut off is answered after the next start`() async throws {
    let slow = try await PlayedModel(PlayedModel.answering(first: .seconds(60)))
    let quick = try await PlayedModel(PlayedModel.answering())
    let project = try ProjectCopy()
    try project.replace("stop_grace: 20s", with: "stop_grace: 0s", in: "config/server.yaml")
    var coach = try await Coach.withDemo()
    coach.project = project
    coach.environment = ["COACH_LOCAL_URL": slow.url]
    let first = try await ServedCoach(coach)
    var reader = try await first.events(of: PlayedModel.question)
    let run = try #require(try await reader.next("run_started").data["run_id"]?.stringValue)
    // The step after `parse` is the call of the model.
    while try await reader.next("step").data != ["node": "generate", "phase": "started"] {}
    #expect(try await first.terminate(within: .seconds(15)) == .exited(0))

    coach.environment = ["COACH_LOCAL_URL": quick.url]
    let second = try await ServedCoach(coach)
    #expect(second.process.errors.contains("continued 1 interrupted run"))
    var joined = try await second.events(ofRun: run, after: 0)
    let events = try await joined.rest()
    #expect(events.last?.data["outcome"] == "answer")
    #expect(events.count { $0.type == "answer" } == 1)
    withExtendedLifetime((slow, quick)) {}
  }

  @Test func `without data it still serves the page and says what is missing`() async throws {
    let server = try await ServedCoach(try Coach.withoutData())
    #expect(server.process.errors.contains("coach demo"))
    #expect(try await server.get("/").status == 200)
    #expect(try await server.get("/api/health").json()["status"] == "degraded")
    let refused = try await server.chat(Self.revenue)
    #expect(refused.status == 503)
    #expect(try refused.json()["code"] == "database_missing")
  }

  /// A server whose model takes a minute before it says anything.
  private static func servedWithSlowModel(stopGrace: String = "20s") async throws -> (ServedCoach, PlayedModel) {
    let model = try await PlayedModel(PlayedModel.answering(first: .seconds(60)))
    let project = try ProjectCopy()
    try project.replace("stop_grace: 20s", with: "stop_grace: \(stopGrace)", in: "config/server.yaml")
    var coach = try await Coach.withDemo()
    coach.project = project
    coach.environment = ["COACH_LOCAL_URL": model.url]
    return (try await ServedCoach(coach), model)
  }
}
