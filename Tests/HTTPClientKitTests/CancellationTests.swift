import ConcurrencyKit
import Dispatch
import HTTPClientKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Ending a transfer early` {
  /// A server that answers with a head and one byte, and reports that the client opened and that it closed.
  ///
  /// It never ends by itself, and the requests have no limits: a test ends only if the client closes.
  struct Peer {
    let server: RawServer
    let events: AsyncStream<Void>

    var request: HTTPRequest {
      HTTPRequest(url: server.url(), limits: HTTPTimeLimits(connect: nil, firstByte: nil, idle: nil))
    }

    init(answers: Bool) throws {
      let (events, report) = AsyncStream.makeStream(of: Void.self)
      self.events = events
      server = try RawServer { connection in
        _ = connection.readHead()
        if answers { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx") }
        report.yield()
        connection.waitForClose()
        report.yield()
      }
    }
  }

  @Test func `cancelling the task that waits for the head closes the socket`() async throws {
    let peer = try Peer(answers: false)
    let client = try HTTPClient()
    let task = Task { try await client.send(peer.request) }
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    task.cancel()
    let error = await #expect(throws: HTTPFailure.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await events.next() != nil)
  }

  @Test func `cancelling the task that reads the body closes the socket`() async throws {
    let peer = try Peer(answers: true)
    let client = try HTTPClient()
    let (chunks, report) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      for try await _ in try await client.stream(peer.request).body { report.yield() }
    }
    _ = await chunks.first { _ in true }
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    task.cancel()
    let error = await #expect(throws: HTTPFailure.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await events.next() != nil)
  }

  @Test func `leaving the loop closes the socket though the response is kept`() async throws {
    let peer = try Peer(answers: true)
    let client = try HTTPClient()
    let response = try await client.stream(peer.request)
    for try await _ in response.body { break }
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    #expect(await events.next() != nil)
    var again = response.body.makeAsyncIterator()
    let error = await #expect(throws: HTTPFailure.self) { try await again.next() }
    #expect(error?.kind == .cancelled)
  }

  @Test func `dropping a response that was never read closes the socket`() async throws {
    let peer = try Peer(answers: true)
    let client = try HTTPClient()
    _ = try await client.stream(peer.request)
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    #expect(await events.next() != nil)
  }

  @Test func `a rest that nobody wants leaves the connection for the next request`() async throws {
    let isBeginningRead = DispatchSemaphore(value: 0)
    let server = try RawServer { connection in
      while !connection.readHead().isEmpty {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        isBeginningRead.wait()
        connection.write("def")
      }
    }
    var settings = HTTPClient.Settings()
    settings.maximumConnectionsPerHost = 1
    let client = try HTTPClient(settings: settings)
    for _ in 0..<3 {
      var body = try await client.stream(HTTPRequest(url: server.url())).body.makeAsyncIterator()
      #expect(try await body.next() == Array("abc".utf8))
      body.discardRest(within: .seconds(20))
      isBeginningRead.signal()
    }
    #expect(server.connections == 1)
  }

  @Test func `a rest that nobody wants may not come for ever`() async throws {
    let peer = try Peer(answers: true)
    let client = try HTTPClient()
    let response = try await client.stream(peer.request)
    var body = response.body.makeAsyncIterator()
    #expect(try await body.next() == [UInt8(ascii: "x")])
    body.discardRest(within: .milliseconds(50))
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    #expect(await events.next() != nil)
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    let client = try HTTPClient()
    let server = try RawServer { $0.waitForClose() }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(HTTPRequest(url: server.url()))
    }
    let error = await #expect(throws: HTTPFailure.self) { try await task.value }
    #expect(error?.kind == .cancelled)
  }

  @Test func `a slow name server does not hold up the others`() async throws {
    let client = try HTTPClient()
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 204 No Content\r\n\r\n")
    }
    let lookup = Task { try await client.send(HTTPRequest(url: "http://nowhere.invalid/")) }
    lookup.cancel()
    #expect(try await client.send(HTTPRequest(url: server.url())).status == 204)
    _ = await lookup.result
  }

  @Test func `shutting down fails what is pending and what comes later`() async throws {
    let peer = try Peer(answers: false)
    let client = try HTTPClient()
    let task = Task { try await client.send(peer.request) }
    var events = peer.events.makeAsyncIterator()
    _ = await events.next()
    await client.shutdown()
    let pending = await #expect(throws: HTTPFailure.self) { try await task.value }
    #expect(pending?.kind == .closed)
    let later = await #expect(throws: HTTPFailure.self) { try await client.send(peer.request) }
    #expect(later?.kind == .closed)
    _ = await events.next()  // the peer saw the socket close
    await client.shutdown()
  }

  @Test func `a body outlives the variable that held its client`() async throws {
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    }
    let response = try await HTTPClient().stream(HTTPRequest(url: server.url()))
    #expect(try await response.body.collect(upTo: 3) == Array("abc".utf8))
  }
}
