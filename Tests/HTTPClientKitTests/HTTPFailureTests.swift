import ConcurrencyKit
import Glibc
import HTTPClientKit
import Testing

@Suite struct `A failing exchange` {
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: HTTPFailure.Kind
    var limits = HTTPTimeLimits()
    var maximumBodyBytes: Int?
    let script: @Sendable (RawConnection) -> Void
  }

  static let faults = [
    Fault(testDescription: "a body cut short", kind: .connectionLost) { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    },
    Fault(testDescription: "a chunked body cut short", kind: .connectionLost) { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    },
    Fault(testDescription: "no response at all", kind: .connectionLost) { _ = $0.readHead() },
    Fault(
      testDescription: "a peer that never answers",
      kind: .firstByteTimeout,
      limits: HTTPTimeLimits(firstByte: .milliseconds(80))
    ) { $0.waitForClose() },
    Fault(
      testDescription: "a head without a body",
      kind: .firstByteTimeout,
      limits: HTTPTimeLimits(firstByte: .milliseconds(80))
    ) { connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
      connection.waitForClose()
    },
    Fault(
      testDescription: "a peer that falls silent",
      kind: .idleTimeout,
      limits: HTTPTimeLimits(idle: .milliseconds(80))
    ) { connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
      connection.waitForClose()
    },
    Fault(
      testDescription: "a peer that drips for ever",
      kind: .totalTimeout,
      limits: HTTPTimeLimits(idle: .seconds(5), total: .milliseconds(150))
    ) { connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
      while connection.write("x") { usleep(5_000) }
    },
    Fault(testDescription: "a body longer than allowed", kind: .bodyTooLarge, maximumBodyBytes: 4) { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde")
    },
    Fault(testDescription: "an endless head", kind: .headTooLarge) { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n")
      let line = "X-Fill: \(String(repeating: "y", count: 8_000))\r\n"
      while connection.write(line) {}
    },
    Fault(testDescription: "something that is not HTTP", kind: .other) { connection in
      _ = connection.readHead()
      connection.write("220 mail.example ESMTP\r\n")
    },
  ]

  @Test(arguments: faults)
  func `says what went wrong and not what was sent`(_ fault: Fault) async throws {
    let server = try RawServer(fault.script)
    let request = HTTPRequest(
      url: server.url("/path?key=hidden"),
      headers: [("Authorization", "Bearer hidden")],
      limits: fault.limits,
      maximumBodyBytes: fault.maximumBodyBytes
    )
    let failure = await failure(of: request)
    #expect(failure?.kind == fault.kind)
    #expect(failure?.description.contains("hidden") == false)
  }

  @Test func `a body gives what came before the cut and then throws`() async throws {
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    }
    let client = try HTTPClient()
    var received: [UInt8] = []
    let error = await #expect(throws: HTTPFailure.self) {
      for try await chunk in try await client.stream(HTTPRequest(url: server.url())).body { received += chunk }
    }
    #expect(error?.kind == .connectionLost)
    #expect(received == Array("abc".utf8))
  }

  /// A thread that still took connections for the dead port would get those of whoever had the descriptor next.
  @Test func `a port that was given up takes no connections of others`() async throws {
    let client = try HTTPClient()
    for _ in 0..<50 {
      _ = try RawServer.deadPort()
      let server = try RawServer { connection in
        _ = connection.readHead()
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
      }
      #expect(try await client.send(HTTPRequest(url: server.url())).body == Array("abc".utf8))
    }
  }

  @Test func `nobody listens`() async throws {
    let port = try RawServer.deadPort()
    #expect(await failure(of: HTTPRequest(url: "http://127.0.0.1:\(port)/"))?.kind == .connectionRefused)
  }

  @Test func `a connection that nobody takes`() async throws {
    let server = try FullServer()
    let limits = HTTPTimeLimits(connect: .milliseconds(80), firstByte: nil, idle: nil)
    #expect(await failure(of: HTTPRequest(url: server.url, limits: limits))?.kind == .connectTimeout)
  }

  @Test func `a name has no address`() async {
    #expect(await failure(of: HTTPRequest(url: "http://nowhere.invalid/"))?.kind == .couldNotResolve)
  }

  @Test func `the peer speaks no TLS`() async throws {
    let server = try RawServer { connection in
      _ = connection.read(1)
      connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    #expect(await failure(of: HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))?.kind == .tls)
  }

  @Test(arguments: [
    "", "/relative", "ftp://example.com/", "file:///etc/passwd", "http://", "http://a b/",
    "http://user:pw@example.com/",
    "http://user@example.com/", "http://example.com:99999/", "http://example.com/\0x",
  ])
  func `a URL is refused before anything is sent`(_ url: String) async {
    #expect(await failure(of: HTTPRequest(url: url))?.kind == .malformedURL)
  }

  static let malformed = [
    HTTPRequest(method: "GET / HTTP/1.1\r\nX: y\r\n\r\nGET", url: "http://127.0.0.1:1/"),
    HTTPRequest(method: "", url: "http://127.0.0.1:1/"),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X", "a\r\nY: b")]),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X\n", "a")]),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("", "a")]),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X", "a\0b")]),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("Content-Length", "7")]),
    HTTPRequest(url: "http://127.0.0.1:1/", headers: [("transfer-encoding", "chunked")]),
  ]

  @Test(arguments: malformed)
  func `a request that would smuggle is refused`(_ request: HTTPRequest) async {
    #expect(await failure(of: request)?.kind == .malformedRequest)
  }

  @Test(arguments: [
    "http://169.254.169.254/latest", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.1.1]/",
    "http://2852039166/", "http://0xa9fea9fe/",
  ])
  func `a metadata address is refused`(_ url: String) async {
    #expect(await failure(of: HTTPRequest(url: url))?.kind == .addressRefused)
  }

  @Test func `an address is judged after its name was resolved`() async throws {
    let server = try RawServer { _ in }
    var settings = HTTPClient.Settings()
    settings.addressPolicy.allowsLoopback = false
    let client = try HTTPClient(settings: settings)
    let request = HTTPRequest(url: "http://localhost:\(server.port)/")
    let error = await #expect(throws: HTTPFailure.self) { try await client.send(request) }
    #expect(error?.kind == .addressRefused)
    #expect(server.connections == 0)
  }

  private func failure(of request: HTTPRequest) async -> HTTPFailure? {
    await #expect(throws: HTTPFailure.self) { try await HTTPClient().send(request) }
  }
}
