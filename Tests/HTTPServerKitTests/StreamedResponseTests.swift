import ConcurrencyKit
import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `A streamed response` {
  let client: HTTPClient

  init() throws {
    client = try HTTPClient()
  }

  @Test func `each write arrives while the stream goes on`() async throws {
    let (permits, permit) = AsyncStream.makeStream(of: Void.self)
    let server = try Served { _ in
      HTTPServerResponse(
        headers: EventStreamEncoder.headers,
        body: .stream(
          HTTPStreamBody { writer in
            var number = 0
            for await _ in permits {
              number += 1
              try await writer.write(EventStreamEncoder.event(data: "\(number)", id: "\(number)"))
            }
          }
        )
      )
    }
    let response = try await client.stream(HTTPRequest(url: server.url()))
    #expect(response.headers["content-type"] == "text/event-stream; charset=utf-8")
    var parser = EventStreamParser()
    var body = response.body.makeAsyncIterator()
    for number in 1...5 {
      permit.yield()
      let events = try parser.push(try await body.next() ?? [])
      #expect(events == [ServerSentEvent(data: "\(number)", id: "\(number)")])
    }
    permit.finish()
    #expect(try await body.next() == nil)
    await server.stop()
  }

  @Test func `a slow reader makes the writer wait, and nothing is lost`() async throws {
    let total = 512
    let chunk = [UInt8](repeating: 0x61, count: 64 << 10)
    let written = Locked(0)
    let (stalls, stall) = AsyncStream.makeStream(of: Void.self)
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            for _ in 0..<total {
              let watch = Task {
                try await Task.sleep(for: .milliseconds(300))
                stall.yield()
              }
              try await writer.write(chunk)
              watch.cancel()
              written.withLock { $0 += 1 }
            }
          }
        )
      )
    }
    let response = try await client.stream(HTTPRequest(url: server.url()))
    _ = await stalls.first { _ in true }
    #expect(written.current < total / 2)
    var received = 0
    for try await part in response.body { received += part.count }
    #expect(received == total * chunk.count)
    #expect(written.current == total)
    await server.stop()
  }

  @Test func `two tasks may write to one stream`() async throws {
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            try await withThrowingTaskGroup(of: Void.self) { group in
              for letter in ["a", "b"] {
                group.addTask {
                  for _ in 0..<200 { try await writer.write(Array(String(repeating: letter, count: 1_000).utf8)) }
                }
              }
              try await group.waitForAll()
            }
          }
        )
      )
    }
    let answer = try await client.send(HTTPRequest(url: server.url()))
    #expect(answer.body.count == 400_000)
    #expect(answer.body.filter { $0 == 0x61 }.count == 200_000)
    await server.stop()
  }

  @Test func `a stream that throws is seen as broken and not as complete`() async throws {
    struct Broken: Error {}
    let server = try Served { _ in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            try await writer.write(Array("part".utf8))
            throw Broken()
          }
        )
      )
    }
    let error = await #expect(throws: HTTPFailure.self) { try await client.send(HTTPRequest(url: server.url())) }
    #expect(error?.kind == .connectionLost)
    await server.stop()
  }

  @Test func `an empty stream is an empty body`() async throws {
    let server = try Served { _ in HTTPServerResponse(body: .stream(HTTPStreamBody { _ in })) }
    let answer = try await client.send(HTTPRequest(url: server.url()))
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    await server.stop()
  }

  @Test func `fifty streams at once keep apart`() async throws {
    let server = try Served { request in
      HTTPServerResponse(
        body: .stream(
          HTTPStreamBody { writer in
            for _ in 0..<50 {
              try await writer.write(Array(request.path.utf8))
              await Task.yield()
            }
          }
        )
      )
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          let answer = try await client.send(HTTPRequest(url: server.url("/\(number)")))
          #expect(String(decoding: answer.body, as: UTF8.self) == String(repeating: "/\(number)", count: 50))
        }
      }
      try await group.waitForAll()
    }
    await server.stop()
  }
}
