import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `The HTTP server` {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  @Test func `hands the handler the whole request and sends its whole response`() async throws {
    let server = try Served { request in
      let lines = [
        request.method, request.path, request.rawTarget, request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "|"),
        request.headers["x-NOTE"] ?? "", request.remoteAddress, String(decoding: request.body, as: UTF8.self),
      ]
      return HTTPServerResponse(
        status: 418,
        headers: [("X-Kind", "tea")],
        body: .bytes(Array(lines.joined(separator: "\n").utf8))
      )
    }
    let request = HTTPRequest(
      method: "PATCH",
      url: server.url("/caf%C3%A9/a%20b?q=1+2&q=%26&flag&=x"),
      headers: [("X-Note", "one")],
      body: Array("body".utf8)
    )
    let (status, headers, body) = try await client.send(request)
    #expect(status == 418)
    #expect(headers["x-kind"] == "tea")
    #expect(
      String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) == [
        "PATCH", "/café/a b", "/caf%C3%A9/a%20b?q=1+2&q=%26&flag&=x", "q=1 2|q=&|flag=|=x", "one", "127.0.0.1", "body",
      ]
    )
    await server.stop()
  }

  @Test func `carries large bodies both ways`() async throws {
    let server = try Served { HTTPServerResponse(body: .bytes($0.body + $0.body)) }
    let body = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let answer = try await client.send(HTTPRequest(method: "POST", url: server.url(), body: body))
    #expect(answer.body == body + body)
    await server.stop()
  }

  @Test func `answers a hundred requests at once, each its own`() async throws {
    let server = try Served { request in
      await Task.yield()
      return .text(request.path)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          let answer = try await client.send(HTTPRequest(url: server.url("/\(number)")))
          #expect(String(decoding: answer.body, as: UTF8.self) == "/\(number)")
        }
      }
      try await group.waitForAll()
    }
    await server.stop()
  }

  @Test func `answers several requests on one connection`() async throws {
    let server = try Served { .text($0.path) }
    let raw = try RawClient(port: server.port)
    for path in ["/a", "/b", "/c"] {
      await raw.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(await raw.read(until: path).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
    await server.stop()
  }

  @Test func `tells HEAD the length and sends no body`() async throws {
    let server = try Served { .text($0.method) }
    let raw = try RawClient(port: server.port)
    await raw.write("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let answer = await raw.read()
    #expect(answer.contains("Content-Length: 4\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
    await server.stop()
  }

  @Test(arguments: ["HEAD", "GET"])
  func `does not run a stream where no body may be`(_ method: String) async throws {
    let server = try Served { request in
      HTTPServerResponse(
        status: request.method == "HEAD" ? 200 : 204,
        body: .stream(HTTPStreamBody { _ in Issue.record("the stream ran") })
      )
    }
    let answer = try await client.send(HTTPRequest(method: method, url: server.url()))
    #expect(answer.body.isEmpty)
    await server.stop()
  }

  @Test func `leaves out header fields that would split the response, and its own`() async throws {
    let server = try Served { _ in
      HTTPServerResponse(
        headers: [("X-A", "a\r\nX-B: b"), ("Content-Length", "99"), ("X-C", "c")],
        body: .bytes([0x61])
      )
    }
    let answer = try await client.send(HTTPRequest(url: server.url()))
    #expect(answer.headers["x-a"] == nil)
    #expect(answer.headers["x-b"] == nil)
    #expect(answer.headers["x-c"] == "c")
    #expect(answer.body == [0x61])
    await server.stop()
  }

  @Test func `sends 500 for a status that is none`() async throws {
    let server = try Served { _ in HTTPServerResponse(status: 42) }
    #expect(try await client.send(HTTPRequest(url: server.url())).status == 500)
    await server.stop()
  }

  @Test func `listens on IPv6`() async throws {
    var settings = HTTPServer.Settings()
    settings.host = "::1"
    let server = try Served(settings) { .text($0.remoteAddress) }
    let answer = try await client.send(HTTPRequest(url: "http://[::1]:\(server.port)/"))
    #expect(String(decoding: answer.body, as: UTF8.self) == "::1")
    await server.stop()
  }

  @Test func `says why it cannot listen`() async throws {
    let first = try Served { _ in .text("") }
    var settings = HTTPServer.Settings()
    settings.port = first.port
    let second = try HTTPServer(settings: settings) { _ in .text("") }
    let error = #expect(throws: HTTPServerFailure.self) { try second.start() }
    #expect(error?.description == "cannot listen on 127.0.0.1, port \(first.port): Address already in use")
    #expect(throws: HTTPServerFailure.alreadyStarted) { try first.server.start() }
    settings.host = "no-address"
    let third = try HTTPServer(settings: settings) { _ in .text("") }
    #expect(throws: HTTPServerFailure.invalidHost("no-address")) { try third.start() }
    await first.stop()
    #expect(first.server.port == nil)
  }
}
