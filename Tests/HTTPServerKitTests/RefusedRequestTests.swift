import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `A request that is refused` {
  static let settings: HTTPServer.Settings = {
    var settings = HTTPServer.Settings()
    settings.bodyLimit = 1_000
    settings.headLimit = 8 << 10
    settings.errorResponse = { status, reason in
      HTTPServerResponse(
        status: status,
        headers: [("Content-Type", "application/problem+json")],
        body: .bytes(Array("{\"title\":\"\(reason)\"}".utf8))
      )
    }
    return settings
  }()

  private func withServer(_ body: (Served) async throws -> Void) async throws {
    let server = try Served(Self.settings) { .text("handled \($0.body.count)") }
    try await body(server)
    await server.stop()
  }

  @Test(arguments: [
    "/%zz", "/%2", "/%", "/%FF", "/%C3", "/a%00b", "/%0A", "/a/../b", "/%2e%2e/x", "/.", "/x?q=%FF", "/x?%g=1",
    "nothing",
  ])
  func `a target that is not well formed gets a 400 in the application's form`(_ target: String) async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await raw.read()
      #expect(answer.hasPrefix("HTTP/1.1 400 "))
      #expect(answer.contains("application/problem+json"))
    }
  }

  @Test(arguments: [
    ("http://example.com/a?b", "/a"), ("http://example.com", "/"), ("/a//b/", "/a//b/"), ("/...", "/..."),
  ])
  func `an unusual target is none of these`(_ target: String, _ path: String) async throws {
    let server = try Served { .text($0.path) }
    let raw = try RawClient(port: server.port)
    await raw.write("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(await raw.read().hasSuffix("\r\n\r\n\(path)"))
    await server.stop()
  }

  @Test func `OPTIONS may ask for the whole server`() async throws {
    let server = try Served { .text($0.path) }
    let raw = try RawClient(port: server.port)
    await raw.write("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(await raw.read().hasSuffix("\r\n\r\n*"))
    await server.stop()
  }

  @Test func `a body of exactly the limit is handled, one byte more gets 413`() async throws {
    try await withServer { server in
      let client = try HTTPClient()
      let most = HTTPRequest(method: "POST", url: server.url(), body: [UInt8](repeating: 1, count: 1_000))
      #expect(try await client.send(most).body == Array("handled 1000".utf8))
      let more = HTTPRequest(method: "POST", url: server.url(), body: [UInt8](repeating: 1, count: 1_001))
      let answer = try await client.send(more)
      #expect(answer.status == 413)
      #expect(answer.headers["content-type"] == "application/problem+json")
    }
  }

  @Test func `an announced flood is answered before it is read`() async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
      #expect(await raw.read().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func `a client that asks first is told before it sends`() async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
      #expect(await raw.read().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func `a body of unknown length gets 413 when it ends past the limit`() async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
      await raw.write("7D0\r\n\(String(repeating: "x", count: 2_000))\r\n0\r\n\r\n")
      #expect(await raw.read().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func `a flood of unknown length is cut off`() async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "4000\r\n\(String(repeating: "x", count: 0x4000))\r\n"
      var sent = 0
      while sent < 10_000, await raw.write(chunk) { sent += 1 }
      #expect(sent < 10_000)
    }
  }

  @Test func `a head past the limit gets an error and the server lives on`() async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write("GET / HTTP/1.1\r\nHost: x\r\nX-Fill: \(String(repeating: "y", count: 20_000))\r\n\r\n")
      let answer = await raw.read()
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
      #expect(try await HTTPClient().send(HTTPRequest(url: server.url())).status == 200)
    }
  }

  @Test(arguments: [
    "\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: z\r\n\r\n",
  ])
  func `a malformed head is not handled and the server lives on`(_ head: String) async throws {
    try await withServer { server in
      let raw = try RawClient(port: server.port)
      await raw.write(head + "\r\n\r\n")
      raw.endWriting()
      let answer = await raw.read()
      #expect(!answer.hasPrefix("HTTP/1.1 2"))
      #expect(try await HTTPClient().send(HTTPRequest(url: server.url())).status == 200)
    }
  }
}
