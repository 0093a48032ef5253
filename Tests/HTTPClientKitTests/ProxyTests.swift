import ConcurrencyKit
import HTTPClientKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A proxy` {
  /// A proxy that answers by itself and remembers the heads that it saw.
  private struct Proxy {
    let server: RawServer
    let heads: Locked<[String]>

    init() throws {
      let heads = Locked<[String]>([])
      self.heads = heads
      server = try RawServer { connection in
        let head = connection.readHead()
        heads.withLock { $0.append(head) }
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
      }
    }

    func client(except names: [String] = []) throws -> HTTPClient {
      var settings = HTTPClient.Settings()
      settings.proxy = server.url("")
      settings.proxyExceptions = names
      return try HTTPClient(settings: settings)
    }
  }

  @Test func `is given the whole URL and resolves the name itself`() async throws {
    let proxy = try Proxy()
    let answer = try await proxy.client().send(HTTPRequest(url: "http://model.invalid/v1/x"))
    #expect(answer.body == Array("proxy".utf8))
    #expect(proxy.heads.current.first?.hasPrefix("GET http://model.invalid/v1/x HTTP/1.1\r\n") == true)
  }

  @Test func `is asked for a tunnel where TLS is wanted`() async throws {
    let proxy = try Proxy()
    // The double answers no TLS inside its tunnel: what matters here is what it was asked.
    _ = await #expect(throws: HTTPFailure.self) {
      try await proxy.client().send(HTTPRequest(url: "https://model.invalid/v1/x"))
    }
    #expect(proxy.heads.current.first?.hasPrefix("CONNECT model.invalid:443 HTTP/1.1\r\n") == true)
  }

  @Test func `is passed by for the names that are excepted`() async throws {
    let proxy = try Proxy()
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 204 No Content\r\n\r\n")
    }
    let answer = try await proxy.client(except: ["127.0.0.1"]).send(HTTPRequest(url: server.url()))
    #expect(answer.status == 204)
    #expect(proxy.heads.current.isEmpty)
  }

  @Test func `does not open the way to a metadata address that the URL names`() async throws {
    let proxy = try Proxy()
    let failure = await #expect(throws: HTTPFailure.self) {
      try await proxy.client().send(HTTPRequest(url: "http://169.254.169.254/latest"))
    }
    #expect(failure?.kind == .addressRefused)
    #expect(proxy.heads.current.isEmpty)
  }
}
