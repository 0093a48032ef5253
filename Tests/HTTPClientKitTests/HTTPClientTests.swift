import ConcurrencyKit
import Dispatch
import HTTPClientKit
import Testing

@Suite struct `The HTTP client` {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  @Test func `sends method, headers and body, and returns status, headers and body`() async throws {
    let seen = Locked("")
    let server = try RawServer { connection in
      let head = connection.readHead()
      let body = connection.read(5)
      seen.withLock { $0 = head + String(decoding: body, as: UTF8.self) }
      connection.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nX-Note: one\r\nx-note:  two \r\n")
      connection.write("Content-Length: 2\r\n\r\nok")
    }
    let (status, headers, body) = try await client.send(
      HTTPRequest(
        method: "PUT",
        url: server.url("/a?b=c"),
        headers: [("X-Empty", ""), ("X-Some", "v")],
        body: Array("hello".utf8)
      )
    )
    #expect(status == 201)
    #expect(headers["X-NOTE"] == "one")
    #expect(headers.values(of: "X-Note") == ["one", "two"])
    #expect(body == Array("ok".utf8))
    let request = seen.current
    #expect(request.hasPrefix("PUT /a?b=c HTTP/1.1\r\n"))
    #expect(request.contains("\r\nX-Empty:\r\n"))
    #expect(request.contains("\r\nX-Some: v\r\n"))
    #expect(request.contains("\r\nContent-Length: 5\r\n"))
    #expect(!request.lowercased().contains("content-type"))
    #expect(request.hasSuffix("\r\n\r\nhello"))
  }

  @Test func `takes an answer without a body to HEAD and sends an empty POST`() async throws {
    let seen = Locked<[String]>([])
    let server = try RawServer { connection in
      for _ in 0..<2 {
        let head = connection.readHead()
        seen.withLock { $0.append(head) }
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(head.hasPrefix("HEAD") ? 7 : 0)\r\n\r\n")
      }
    }
    let answer = try await client.send(HTTPRequest(method: "HEAD", url: server.url()))
    #expect(answer.body.isEmpty)
    #expect(answer.headers["content-length"] == "7")
    _ = try await client.send(HTTPRequest(method: "POST", url: server.url()))
    #expect(seen.current.last?.contains("Content-Length: 0\r\n") == true)
  }

  @Test func `keeps a connection for the next request`() async throws {
    let server = try RawServer { connection in
      while !connection.readHead().isEmpty { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") }
    }
    for _ in 0..<3 { _ = try await client.send(HTTPRequest(url: server.url())) }
    #expect(server.connections == 1)
  }

  @Test func `does not follow a redirect`() async throws {
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    }
    let answer = try await client.send(HTTPRequest(url: server.url()))
    #expect(answer.status == 302)
  }

  @Test func `runs a hundred requests at once`() async throws {
    let server = try RawServer { connection in
      while true {
        let head = connection.readHead()
        guard let path = head.split(separator: " ").dropFirst().first else { return }
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
      }
    }
    let bodies = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<100 {
        group.addTask {
          let answer = try await client.send(HTTPRequest(url: server.url("/\(number)")))
          return String(decoding: answer.body, as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(bodies == Set((0..<100).map { "/\($0)" }))
  }

  @Test func `hands on the head and each chunk as soon as they arrive`() async throws {
    let gate = DispatchSemaphore(value: 0)
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for letter in ["a", "b"] {
        gate.wait()
        connection.write("1\r\n\(letter)\r\n")
      }
      connection.write("0\r\n\r\n")
    }
    let response = try await client.stream(HTTPRequest(url: server.url()))
    #expect(response.status == 200)
    var iterator = response.body.makeAsyncIterator()
    gate.signal()
    #expect(try await iterator.next() == [0x61])
    gate.signal()
    #expect(try await iterator.next() == [0x62])
    #expect(try await iterator.next() == nil)
  }

  @Test func `makes the sender wait for a slow reader and loses nothing`() async throws {
    let total = 64 << 20
    let (reports, report) = AsyncStream.makeStream(of: Int.self)
    let content = [UInt8](repeating: 0x61, count: total)
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let first = connection.writeUntilBlocked(atMost: total)
      report.yield(first)
      connection.write(Array(content[first...]))
    }
    let limits = HTTPTimeLimits(idle: .seconds(1))
    let response = try await client.stream(HTTPRequest(url: server.url(), limits: limits))
    let blockedAt = try #require(await reports.first { _ in true })
    #expect(blockedAt < total / 2)
    // The reader is slower than the limit on the peer's silence, which must not count against the peer.
    try await Task.sleep(for: .milliseconds(1_200))
    var received = 0
    var largest = 0
    for try await chunk in response.body {
      received += chunk.count
      largest = max(largest, chunk.count)
    }
    #expect(received == total)
    #expect(largest <= (256 << 10) + (16 << 10))
  }
}
