import ConcurrencyKit
import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `Clients that leave and servers that stop` {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  /// Waits until the task is cancelled; true when it was.
  private static func waitForCancellation() async -> Bool {
    do {
      try await Task.sleep(for: .seconds(60))
      return false
    } catch {
      return true
    }
  }

  @Test func `a client that leaves cancels the handler that works for it`() async throws {
    let (events, report) = AsyncStream.makeStream(of: String.self)
    let server = try Served { _ in
      report.yield("begun")
      report.yield(await Self.waitForCancellation() ? "cancelled" : "ran out")
      return .text("")
    }
    let request = Task { try await client.send(HTTPRequest(url: server.url())) }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "begun")
    let start = ContinuousClock.now
    request.cancel()
    #expect(await seen.next() == "cancelled")
    #expect(ContinuousClock.now - start < .seconds(2))
    await server.stop()
  }

  @Test func `a client that leaves a stream cancels its writer, even one that has nothing to write`() async throws {
    let (events, report) = AsyncStream.makeStream(of: String.self)
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            try await writer.write(Array("x".utf8))
            report.yield(await Self.waitForCancellation() ? "cancelled" : "ran out")
            do {
              try await writer.write(Array("y".utf8))
              report.yield("written")
            } catch {
              report.yield("\(error)")
            }
          }
        )
      )
    }
    for try await _ in try await client.stream(HTTPRequest(url: server.url())).body { break }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "cancelled")
    #expect(await seen.next() == "the client closed the connection")
    await server.stop()
  }

  @Test func `a writer that waits for a client is told when it leaves`() async throws {
    let (failures, report) = AsyncStream.makeStream(of: HTTPServerFailure.self)
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            do throws(HTTPServerFailure) {
              while true { try await writer.write([UInt8](repeating: 0, count: 64 << 10)) }
            } catch {
              report.yield(error)
            }
          }
        )
      )
    }
    for try await _ in try await client.stream(HTTPRequest(url: server.url())).body { break }
    let failure = await failures.first { _ in true }
    #expect([.clientGone, .cancelled].contains(failure))
    await server.stop()
  }

  @Test func `a stop cancels the handler and sends what it still answers`() async throws {
    let (begun, report) = AsyncStream.makeStream(of: Void.self)
    let server = try Served { _ in
      report.yield()
      return .text(await Self.waitForCancellation() ? "stopped early" : "ran out")
    }
    let request = Task { try await client.send(HTTPRequest(url: server.url())) }
    _ = await begun.first { _ in true }
    await server.stop()
    #expect(try await request.value.body == Array("stopped early".utf8))
    let error = await #expect(throws: HTTPFailure.self) { try await client.send(HTTPRequest(url: server.url())) }
    #expect(error?.kind == .connectionRefused)
  }

  @Test func `a stop ends a stream`() async throws {
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            try await writer.write([0x61])
            try await Task.sleep(for: .seconds(60))
          }
        )
      )
    }
    let response = try await client.stream(HTTPRequest(url: server.url()))
    var body = response.body.makeAsyncIterator()
    #expect(try await body.next() == [0x61])
    await server.stop()
    let error = await #expect(throws: HTTPFailure.self) { try await body.next() }
    #expect(error?.kind == .connectionLost)
  }

  @Test func `a stop does not wait for ever for a handler that does not listen`() async throws {
    var settings = HTTPServer.Settings()
    settings.stopGrace = .milliseconds(100)
    let (begun, report) = AsyncStream.makeStream(of: Void.self)
    let (permits, permit) = AsyncStream.makeStream(of: Void.self)
    let ended = Locked(false)
    let server = try Served(settings) { _ in
      report.yield()
      // A task of its own does not hear of the cancellation.
      await Task.detached { for await _ in permits {} }.value
      ended.withLock { $0 = true }
      return .text("late")
    }
    let request = Task { try await client.send(HTTPRequest(url: server.url())) }
    _ = await begun.first { _ in true }
    await server.stop()
    #expect(!ended.current)
    let error = await #expect(throws: HTTPFailure.self) { try await request.value }
    #expect(error?.kind == .connectionLost)
    permit.finish()
  }

  @Test func `a server that is dropped stops, also in the middle of a request`() async throws {
    let (events, report) = AsyncStream.makeStream(of: Bool.self)
    var server: Served? = try Served { _ in
      report.yield(true)
      report.yield(await Self.waitForCancellation())
      return .text("")
    }
    let url = try #require(server?.url())
    let request = Task { try await client.send(HTTPRequest(url: url)) }
    var seen = events.makeAsyncIterator()
    _ = await seen.next()
    server = nil
    #expect(await seen.next() == true)
    _ = await request.result
  }

  @Test func `stopping twice and stopping what never started do nothing`() async throws {
    let server = try Served { _ in .text("") }
    await server.stop()
    await server.stop()
    let idle = try HTTPServer { _ in .text("") }
    await idle.stop()
    #expect(throws: HTTPServerFailure.alreadyStarted) { try idle.start() }
  }

  @Test func `clients that come and go at random leave nothing behind`() async throws {
    let running = Locked(0)
    let server = try Served { request in
      running.withLock { $0 += 1 }
      defer { running.withLock { $0 -= 1 } }
      if request.path == "/slow" { _ = await Self.waitForCancellation() }
      return HTTPServerResponse(
        body: .stream(HTTPStreamBody { writer in for _ in 0..<20 { try await writer.write([1, 2, 3]) } })
      )
    }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<120 {
        group.addTask {
          let path = number % 3 == 0 ? "/slow" : "/fast"
          let task = Task { try await client.send(HTTPRequest(url: server.url(path))) }
          if number % 3 == 0 || number % 5 == 0 {
            try? await Task.sleep(for: .milliseconds(number % 7))
            task.cancel()
          }
          _ = await task.result
        }
      }
    }
    await server.stop()
    #expect(running.current == 0)
  }
}
