import CoachAPI
import CoachVocabulary
import HTTPClientKit
import Testing

@Suite struct `The API` {
  @Test func `lists the newest sessions, 50 unless told`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/api/v1/coach/sessions")
    #expect(answer.status == 200)
    #expect(answer.json["sessions"]?.arrayValue?.count == 1)
    _ = try await served.send("GET", "/api/v1/coach/sessions?limit=200")
    #expect(served.coach.seen.limits == [50, 200])
    await served.stop()
  }

  @Test(arguments: ["0", "201", "-1", "x", ""])
  func `a limit out of bounds is refused`(_ limit: String) async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/api/v1/coach/sessions?limit=\(limit)")
    #expect(answer.status == 400)
    #expect(answer.json["field"] == "limit")
    await served.stop()
  }

  @Test func `shows one session`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/api/v1/coach/sessions/session-1")
    #expect(answer.json == ["id": "session-1", "messages": []])
    await served.stop()
  }

  static let strangeIDs = ["", "a%20b", "a%2Fb", "%00", String(repeating: "a", count: 65), "caf%C3%A9"]

  @Test(arguments: strangeIDs)
  func `what cannot be an id is not found and not looked for`(_ id: String) async throws {
    let served = try ServedCoach()
    let addresses = [
      ("GET", "sessions/\(id)"), ("GET", "runs/\(id)/events"), ("GET", "runs/\(id)/questions"),
      ("POST", "runs/\(id)/stop"), ("POST", "runs/\(id)/answers"),
      ("POST", "runs/\(id)/rating"),
    ]
    for (method, path) in addresses {
      let answer = try await served.send(method, "/api/v1/coach/" + path)
      #expect(answer.status == (id == "%00" ? 400 : 404))
    }
    #expect(served.coach.seen.joined.isEmpty)
    #expect(served.coach.seen.stopped.isEmpty)
    await served.stop()
  }

  @Test func `stops a run`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("POST", "/api/v1/coach/runs/run-1/stop")
    #expect(answer.status == 202)
    #expect(answer.json == [:])
    #expect(served.coach.seen.stopped == ["run-1"])
    await served.stop()
  }

  private func answer(_ served: ServedCoach, _ body: String) async throws -> ServedCoach.Answer {
    try await served.send(
      "POST",
      "/api/v1/coach/runs/run-1/answers",
      headers: [("Content-Type", "application/json")],
      body: Array(body.utf8)
    )
  }

  @Test(arguments: [(#"{"right": true}"#, 202), (#"{"right": false}"#, 202), (#"{"right": "yes"}"#, 400), ("{}", 400)])
  func `takes what a person says of an answer`(body: String, status: Int) async throws {
    let served = try ServedCoach()
    let answer = try await served.send(
      "POST",
      "/api/v1/coach/runs/run-1/rating",
      headers: [("Content-Type", "application/json")],
      body: Array(body.utf8)
    )
    #expect(answer.status == status)
    #expect(served.coach.seen.rated == (status == 202 ? ["run-1": body.contains("true")] : [:]))
    await served.stop()
  }

  @Test func `shows what a run asks, and takes answers`() async throws {
    let served = try ServedCoach()
    let asked = try await served.send("GET", "/api/v1/coach/runs/run-1/questions")
    #expect(asked.json["questions"] == [["name": "approve"]])
    let answer = try await self.answer(served, #"{"answers": {"approve": true, "by": null}}"#)
    #expect(answer.status == 202)
    #expect(served.coach.seen.answered == ["run-1": ["approve": true, "by": .null]])
    await served.stop()
  }

  @Test(arguments: [#"{"answers": {}}"#, #"{"answers": [true]}"#, #"{"answer": {"approve": true}}"#, "[]", ""])
  func `answers of another shape are refused`(_ body: String) async throws {
    let served = try ServedCoach()
    #expect(try await answer(served, body).status == 400)
    #expect(served.coach.seen.answered == [:])
    await served.stop()
  }

  @Test(arguments: [
    (CoachProblem.notWaiting("run-1"), 409, "not_waiting"),
    (.unknownQuestion("aprove", open: ["approve"]), 422, "unknown_question"),
    (.answerDoesNotFit("approve", wanted: "bool"), 422, "answer_does_not_fit"),
  ])
  func `answers that cannot be used are told apart`(_ problem: CoachProblem, _ status: Int, _ code: String) async throws
  {
    let served = try ServedCoach(FakeCoach(problem))
    let answer = try await self.answer(served, #"{"answers": {"aprove": true}}"#)
    #expect(answer.status == status)
    #expect(answer.code == code)
    await served.stop()
  }

  @Test func `offers starters for a domain or for the default one`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/api/v1/coach/starters?domain=shop")
    #expect(answer.json["domain"] == "shop")
    _ = try await served.send("GET", "/api/v1/coach/starters")
    _ = try await served.send("GET", "/api/v1/coach/starters?domain=")
    #expect(served.coach.seen.starterDomains == ["shop", nil, nil])
    #expect(try await served.send("GET", "/api/v1/coach/starters?domain=a%2Fb").status == 400)
    await served.stop()
  }

  @Test func `says how it is`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/api/health")
    #expect(answer.status == 200)
    #expect(answer.json == ["status": "ok"])
    await served.stop()
  }

  // MARK: Methods and paths

  @Test func `HEAD is GET without the body`() async throws {
    let served = try ServedCoach()
    let whole = try await served.send("GET", "/api/health")
    let head = try await served.send("HEAD", "/api/health")
    #expect(head.status == 200)
    #expect(head.bytes.isEmpty)
    #expect(head.headers["content-length"] == whole.headers["content-length"])
    #expect(head.headers["content-type"] == whole.headers["content-type"])
    #expect(try await served.send("HEAD", "/api/v1/coach/runs/run-1/events").status == 200)
    await served.stop()
  }

  static let unknownPaths = [
    "/api", "/api/v1/coach", "/api/v1/coach/sessions/", "/api/v1/coach/sessions/a/b", "/api/v2/coach/chat", "//",
    "/assets", "/assets/", "/assets/none.js", "/assets/Page/main.js", "/index.html", "/api/health/",
  ]

  @Test(arguments: unknownPaths)
  func `other addresses are not found`(_ path: String) async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", path)
    #expect(answer.status == 404)
    #expect(answer.headers["content-type"] == "application/problem+json")
    #expect(answer.json["type"] == "about:blank")
    #expect(answer.json["title"] == "Not Found")
    #expect(answer.json["status"] == 404)
    #expect(answer.json["request_id"]?.stringValue == ServedCoach.requestID.rawValue)
    await served.stop()
  }

  @Test(
    arguments: [
      ("GET", "/api/v1/coach/chat", "POST"), ("POST", "/api/v1/coach/sessions", "GET, HEAD"),
      ("DELETE", "/api/v1/coach/sessions/a", "GET, HEAD"), ("GET", "/api/v1/coach/runs/a/stop", "POST"),
      ("OPTIONS", "/api/v1/coach/chat", "POST"), ("POST", "/", "GET, HEAD"), ("PUT", "/assets/main.js", "GET, HEAD"),
    ]
  )
  func `a wrong method is told which are right`(_ method: String, _ path: String, _ allowed: String) async throws {
    let served = try ServedCoach()
    let answer = try await served.send(method, path)
    #expect(answer.status == 405)
    #expect(answer.headers["allow"] == allowed)
    #expect(answer.code == "method_not_allowed")
    await served.stop()
  }

  static let readPaths = [
    "/api/v1/coach/sessions", "/api/v1/coach/sessions/session-1", "/api/v1/coach/starters", "/api/health",
  ]

  @Test(arguments: readPaths)
  func `a client that takes no JSON is told`(_ path: String) async throws {
    let served = try ServedCoach()
    #expect(try await served.send("GET", path, headers: [("Accept", "text/html")]).status == 406)
    #expect(try await served.send("GET", path, headers: [("Accept", "text/html, */*;q=0.1")]).status == 200)
    await served.stop()
  }

  // MARK: Problems of the coach

  struct Example: Sendable, CustomTestStringConvertible {
    let problem: CoachProblem
    let status: Int
    let code: String
    var testDescription: String { code }
  }

  static let problems = [
    Example(problem: .unknownSession("s"), status: 404, code: "unknown_session"),
    Example(problem: .unknownRun("r"), status: 404, code: "unknown_run"),
    Example(problem: .unknownDomain("x", known: ["dealer", "shop"]), status: 404, code: "unknown_domain"),
    Example(problem: .domainMismatch(asked: "a", session: "b"), status: 409, code: "domain_mismatch"),
    Example(problem: .emptyMessage, status: 422, code: "empty_message"),
    Example(problem: .messageTooLong(limit: 10), status: 422, code: "message_too_long"),
    Example(problem: .sessionBusy("s"), status: 409, code: "session_busy"),
    Example(problem: .eventsNotKept("r"), status: 410, code: "events_not_kept"),
    Example(problem: .databaseMissing(detail: "Run 'coach demo'."), status: 503, code: "database_missing"),
    Example(problem: .busy(retryAfter: .seconds(7)), status: 503, code: "busy"),
    Example(problem: .shuttingDown, status: 503, code: "shutting_down"),
    Example(problem: .internal(reference: "ref-1"), status: 500, code: "internal"),
  ]

  @Test(arguments: problems)
  func `a problem of the coach has one status on every route`(_ example: Example) async throws {
    let served = try ServedCoach(FakeCoach(example.problem))
    let answers = [
      try await served.chat(), try await served.chat(accept: "text/event-stream"),
      try await served.send("GET", "/api/v1/coach/runs/r/events"),
      try await served.send("POST", "/api/v1/coach/runs/r/stop"),
      try await served.send("GET", "/api/v1/coach/sessions"), try await served.send("GET", "/api/v1/coach/sessions/s"),
      try await served.send("GET", "/api/v1/coach/starters"),
    ]
    #expect(example.problem.code == example.code)
    for answer in answers {
      #expect(answer.status == example.status)
      #expect(answer.code == example.code)
      #expect(answer.json["detail"]?.stringValue == example.problem.description)
      #expect(answer.json["request_id"]?.stringValue == answer.headers["x-request-id"])
      #expect(answer.headers["retry-after"] == (example.code == "busy" ? "7" : nil))
    }
    await served.stop()
  }

  @Test func `a problem names what helps to mend it`() async throws {
    #expect(CoachProblem.unknownDomain("x", known: ["dealer", "shop"]).description.contains("dealer, shop"))
    #expect(CoachProblem.internal(reference: "ref-1").description.contains("ref-1"))
    #expect(CoachProblem.databaseMissing(detail: "Run 'coach demo'.").description == "Run 'coach demo'.")
  }
}
