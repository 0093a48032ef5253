import HTTPClientKit
import Testing

/// TLS and HTTP/2, with a server that nobody here wrote.
@Suite(
  .enabled("COACH_PYTHON names no Python that has the package h2, or there is no openssl") { TLSServer.isAvailable },
  .timeLimit(.minutes(2))
)
struct `A connection with TLS` {
  private func client(trusting server: TLSServer) throws -> HTTPClient {
    var settings = HTTPClient.Settings()
    settings.certificateAuthorityFile = server.certificate
    return try HTTPClient(settings: settings)
  }

  private func wait(until condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(arguments: ["h2", "http/1.1"])
  func `is spoken over as the server offers, and only with a trusted certificate`(offer: String) async throws {
    let server = try await TLSServer(offering: offer)
    let client = try client(trusting: server)
    let answer = try await client.send(HTTPRequest(url: server.url("/short")))
    #expect(String(decoding: answer.body, as: UTF8.self) == offer)
    let failure = await #expect(throws: HTTPFailure.self) {
      try await HTTPClient().send(HTTPRequest(url: server.url("/short")))
    }
    #expect(failure?.kind == .tls)
    await client.shutdown()
    server.stop()
  }

  @Test func `carries many requests of HTTP/2 at once`() async throws {
    let server = try await TLSServer(offering: "h2")
    let client = try client(trusting: server)
    _ = try await client.send(HTTPRequest(url: server.url("/short")))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask {
          let answer = try await client.send(HTTPRequest(url: server.url("/short")))
          #expect(answer.body == Array("h2".utf8))
        }
      }
      try await group.waitForAll()
    }
    #expect(server.connections < 21)
    await client.shutdown()
    server.stop()
  }

  @Test(arguments: ["h2", "http/1.1"])
  func `ends for the server as soon as the reader leaves`(offer: String) async throws {
    let server = try await TLSServer(offering: offer)
    let client = try client(trusting: server)
    for try await _ in try await client.stream(HTTPRequest(url: server.url("/endless"))).body { break }
    try await wait { server.lines.contains("left /endless") }
    await client.shutdown()
    server.stop()
  }
}
