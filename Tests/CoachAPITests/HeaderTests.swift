import CoachVocabulary
import HTTPClientKit
import HTTPServerKit
import Testing

@testable import CoachAPI

@Suite struct `Every response` {
  @Test(
    arguments: [
      ("GET", "/"), ("GET", "/assets/main.js"), ("GET", "/api/health"), ("GET", "/nothing"),
      ("GET", "/api/v1/coach/runs/run-1/events"), ("POST", "/api/v1/coach/chat"), ("GET", "/%zz"),
    ]
  )
  func `carries an id and keeps browsers strict`(_ method: String, _ path: String) async throws {
    let served = try ServedCoach()
    let answer = try await served.send(method, path)
    #expect(answer.headers.values(of: "x-request-id") == [ServedCoach.requestID.rawValue])
    #expect(answer.headers.values(of: "x-content-type-options") == ["nosniff"])
    #expect(answer.headers.values(of: "referrer-policy") == ["no-referrer"])
    #expect(answer.headers.values(of: "cross-origin-resource-policy") == ["same-origin"])
    let isFile = path == "/" || path.hasPrefix("/assets")
    #expect(answer.headers.values(of: "cache-control") == [isFile ? "no-cache" : "no-store"])
    #expect(answer.headers["access-control-allow-origin"] == nil)
    await served.stop()
  }

  @Test func `carries the client's own request id when that is plain`() async throws {
    let served = try ServedCoach()
    for sent in ["trace-1.a_B", String(repeating: "x", count: 64)] {
      let answer = try await served.send("GET", "/nothing", headers: [("X-Request-Id", sent)])
      #expect(answer.headers["x-request-id"] == sent)
      #expect(answer.json["request_id"]?.stringValue == sent)
    }
    for sent in ["", "a b", "<script>", "é", String(repeating: "x", count: 65)] {
      let answer = try await served.send("GET", "/nothing", headers: [("X-Request-Id", sent)])
      #expect(answer.headers["x-request-id"] == ServedCoach.requestID.rawValue)
    }
    await served.stop()
  }

  @Test func `is logged once, without its query`() async throws {
    let served = try ServedCoach()
    _ = try await served.send("GET", "/api/v1/coach/starters?domain=shop", headers: [("X-Request-Id", "one")])
    _ = try await served.chat(accept: "text/event-stream", headers: [("X-Request-Id", "two")])
    _ = try await served.send("DELETE", "/nothing?secret=1", headers: [("X-Request-Id", "three")])
    #expect(
      served.logged == [
        .init(method: "GET", path: "/api/v1/coach/starters", status: 200, requestID: "one"),
        .init(method: "POST", path: "/api/v1/coach/chat", status: 200, requestID: "two"),
        .init(method: "DELETE", path: "/nothing", status: 404, requestID: "three"),
      ]
    )
    await served.stop()
  }
}

@Suite struct `Requests from elsewhere` {
  static let ownHosts = [
    "localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:80", "127.9.8.7", "[::1]", "[::1]:8080", "localhost:",
  ]
  static let otherHosts = [
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0", "[::]", "[::1]x",
    "127.0.0.256", "127.0.0", "127.0.0.+1", "[::1", "localhost:80@evil", "",
  ]

  @Test(arguments: ownHosts)
  func `a host of this machine is answered`(_ host: String) throws {
    #expect(throws: Never.self) { try RequestOrigin.check(HTTPServerRequest(path: "/", headers: [("Host", host)])) }
  }

  @Test(arguments: otherHosts)
  func `another host is not, for its name may have been bound to this machine`(_ host: String) throws {
    let problem = #expect(throws: APIProblem.self) {
      try RequestOrigin.check(HTTPServerRequest(path: "/", headers: [("Host", host)]))
    }
    #expect(problem?.status == 421)
  }

  @Test(arguments: [[], ["localhost", "localhost"]])
  func `exactly one host is wanted`(_ hosts: [String]) throws {
    let problem = #expect(throws: APIProblem.self) {
      try RequestOrigin.check(HTTPServerRequest(path: "/", headers: hosts.map { ("Host", $0) }))
    }
    #expect(problem?.status == 400)
  }

  @Test func `a rebound host reaches neither the API nor the page`() async throws {
    let served = try ServedCoach()
    for path in ["/", "/assets/main.js", "/api/health", "/api/v1/coach/sessions"] {
      let answer = try await served.send("GET", path, headers: [("Host", "evil.example")])
      #expect(answer.status == 421)
      #expect(answer.code == "wrong_host")
    }
    #expect(try await served.chat(headers: [("Host", "evil.example")]).status == 421)
    #expect(served.coach.seen.asked.isEmpty)
    await served.stop()
  }

  @Test(arguments: ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://", ""])
  func `a page of another origin gives no orders`(_ origin: String) async throws {
    let served = try ServedCoach()
    let answer = try await served.chat(headers: [("Origin", origin)])
    #expect(answer.status == 403)
    #expect(answer.code == "wrong_origin")
    let stop = try await served.send("POST", "/api/v1/coach/runs/run-1/stop", headers: [("Origin", origin)])
    #expect(stop.status == 403)
    #expect(served.coach.seen.asked.isEmpty)
    #expect(served.coach.seen.stopped.isEmpty)
    await served.stop()
  }

  @Test func `the page's own origin does`() async throws {
    let served = try ServedCoach()
    #expect(try await served.chat(headers: [("Origin", served.origin)]).status == 200)
    let named = [("Host", "LOCALHOST:8080"), ("Origin", "http://localhost:8080")]
    #expect(try await served.chat(headers: named).status == 200)
    await served.stop()
  }
}
