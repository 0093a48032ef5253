import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import HTTPClientKit
import Testing

@Suite struct QueryRouteTests {
  /// Answers every question with its words; `boom` fails.
  private final class Echo: PrecomputedAnswers {
    let categories = Locked<[String?]>([])

    func query(_ request: QueryRequest) async throws(CoachProblem) -> [UInt8] {
      if request.question == "boom" { throw .runFailed(code: "time_limit", detail: "It took too long.") }
      let answer: JSONValue = [
        "question": .string(request.question), "domain": request.domain.map { .string($0) } ?? .null,
      ]
      return Array(answer.text.utf8)
    }

    func suggestions(like text: String?, domain: String?, limit: Int) async throws(CoachProblem) -> JSONValue {
      ["like": text.map { .string($0) } ?? .null, "limit": .int(limit)]
    }

    func dumpStatus() async -> JSONValue { ["hits": 1] }
    func capabilities() async -> JSONValue { ["domains": []] }

    func dumps(category: String?) async throws(CoachProblem) -> JSONValue {
      if let category, category != "sales" { throw .unknownCategory(category, known: ["sales"]) }
      return ["dumps": []]
    }

    func runDumps(category: String?) async throws(CoachProblem) -> JSONValue {
      categories.withLock { $0.append(category) }
      return ["computed": 1]
    }
  }

  private func served(_ body: (ServedCoach, Echo) async throws -> Void) async throws {
    let echo = Echo()
    let served = try ServedCoach(extensions: CoachServer.Extensions(precomputed: echo))
    do {
      try await body(served, echo)
    } catch {
      await served.stop()
      throw error
    }
    await served.stop()
  }

  private func post(_ path: String, _ body: String, to served: ServedCoach) async throws -> ServedCoach.Answer {
    try await served.send("POST", path, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
  }

  @Test func `a question is answered in one object`() async throws {
    try await served { served, _ in
      let answer = try await post("/api/query", #"{"query": " What? ", "domain": "shop"}"#, to: served)
      #expect(answer.status == 200 && answer.json == ["question": "What?", "domain": "shop"])
      #expect(try await post("/api/query", #"{"question": "What?"}"#, to: served).json["question"] == "What?")
    }
  }

  @Test(arguments: [
    ("/api/query", "{}", 400, "missing_field"), ("/api/query", #"{"query": "  "}"#, 422, "empty_message"),
    ("/api/query", #"{"query": "boom"}"#, 504, "time_limit"),
    ("/api/query", #"{"query": "x", "domain": "../etc"}"#, 400, "bad_domain"),
    ("/api/batch", #"{"queries": []}"#, 400, "bad_queries"),
  ])
  func `bad questions are refused by name`(path: String, body: String, status: Int, code: String) async throws {
    try await served { served, _ in
      let answer = try await post(path, body, to: served)
      #expect(answer.status == status && answer.code == code, "\(answer.text)")
    }
  }

  @Test func `a batch is answered in its order, failures in their places`() async throws {
    try await served { served, _ in
      let answer = try await post("/api/batch", #"{"queries": ["a", "boom", "b"]}"#, to: served)
      let results = answer.json["results"]?.arrayValue ?? []
      #expect(results.count == 3 && results[0]["question"] == "a" && results[2]["question"] == "b")
      #expect(results[1]["error"]?["code"] == "time_limit")
      let many = "[" + Array(repeating: "\"a\"", count: 51).joined(separator: ",") + "]"
      #expect(try await post("/api/batch", "{\"queries\": \(many)}", to: served).code == "bad_queries")
    }
  }

  @Test func `suggestions, status, capabilities and health are read`() async throws {
    try await served { served, _ in
      let suggestions = try await served.send("GET", "/api/suggestions?q=rev&limit=3")
      #expect(suggestions.json == ["like": "rev", "limit": 3])
      let tooMany = try await served.send("GET", "/api/suggestions?limit=51")
      #expect(tooMany.code == "bad_limit")
      let status = try await served.send("GET", "/api/status")
      #expect(status.json == ["hits": 1])
      let capabilities = try await served.send("GET", "/api/capabilities")
      #expect(capabilities.json == ["domains": []])
      let health = try await served.send("GET", "/health")
      #expect(health.json["status"] == "ok")
    }
  }

  @Test func `computed questions are listed and computed by category`() async throws {
    try await served { served, echo in
      let known = try await served.send("GET", "/api/v1/coach/dumps?category=sales")
      let unknown = try await served.send("GET", "/api/v1/coach/dumps?category=x")
      #expect(known.status == 200 && unknown.code == "unknown_category")
      let one = try await post("/api/v1/coach/dumps/run", #"{"category": "sales"}"#, to: served)
      let all = try await served.send("POST", "/api/v1/coach/dumps/run")
      #expect(one.status == 200 && all.status == 200)
      #expect(echo.categories.current == ["sales", nil])
    }
  }
}
