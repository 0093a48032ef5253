import ConcurrencyKit
import Glibc
import HTTPClientKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A crowd of streams` {
  @Test func `of two hundred runs at the same time`() async throws {
    let count = 200
    let arrived = Locked(0)
    // Nobody is answered before all are there, so the test ends only if all are open at once.
    let server = try RawServer { connection in
      let path = connection.readHead().split(separator: " ").dropFirst().first ?? ""
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count + 1)\r\n\r\n>")
      arrived.withLock { $0 += 1 }
      while arrived.current < count { usleep(2_000) }
      connection.write(String(path))
    }
    let client = try HTTPClient()
    let bodies = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<count {
        group.addTask {
          let response = try await client.stream(HTTPRequest(url: server.url("/\(number)")))
          return String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(bodies == Set((0..<count).map { ">/\($0)" }))
    await client.shutdown()
  }

  @Test func `that nobody reads makes every sender wait`() async throws {
    let total = 32 << 20
    let (reports, report) = AsyncStream.makeStream(of: Int.self)
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      report.yield(connection.writeUntilBlocked(atMost: total))
      connection.waitForClose()
    }
    let client = try HTTPClient()
    var responses: [HTTPResponse] = []
    for _ in 0..<10 { responses.append(try await client.stream(HTTPRequest(url: server.url()))) }
    var blocked: [Int] = []
    for await bytes in reports {
      blocked.append(bytes)
      if blocked.count == responses.count { break }
    }
    // What a sender got rid of lies in buffers of the system; the client itself holds 256 KiB and one write.
    #expect(blocked.allSatisfy { $0 < total / 2 }, "\(blocked)")
    responses = []
    await client.shutdown()
  }
}
