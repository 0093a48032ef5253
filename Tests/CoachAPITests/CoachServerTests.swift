import CoachAPI
import CoachVocabulary
import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `The coach's server` {
  @Test(arguments: ["0.0.0.0", "192.168.1.2", "::", "example.org", "128.0.0.1", ""])
  func `does not listen where others could reach it`(_ host: String) throws {
    var settings = CoachServer.Settings()
    settings.host = host
    let failure = #expect(throws: CoachServerFailure.self) { try ServedCoach(settings: settings) }
    #expect(failure == .notLoopback(host: host))
    #expect(failure?.description.contains("sign-in") == true)
  }

  @Test(arguments: ["localhost", "127.0.0.1", "127.0.0.2"])
  func `listens on this machine's own addresses`(_ host: String) async throws {
    var settings = CoachServer.Settings()
    settings.host = host
    let served = try ServedCoach(settings: settings)
    let port = try #require(served.server.port)
    #expect(try await served.client.send(HTTPRequest(url: "http://\(host):\(port)/api/health")).status == 200)
    await served.stop()
    #expect(served.server.port == nil)
  }

  @Test func `says that a port is taken`() async throws {
    let served = try ServedCoach()
    var settings = CoachServer.Settings()
    settings.port = try #require(served.server.port)
    let failure = #expect(throws: CoachServerFailure.self) { try ServedCoach(settings: settings) }
    guard case .server(.cannotListen) = failure else {
      Issue.record("unexpected: \(String(describing: failure))")
      return
    }
    await served.stop()
  }

  @Test func `takes a body limit`() async throws {
    var settings = CoachServer.Settings()
    settings.bodyLimit = 100
    let served = try ServedCoach(settings: settings)
    #expect(try await served.chat(#"{"message": "\#(String(repeating: "a", count: 80))"}"#).status == 200)
    #expect(try await served.chat(#"{"message": "\#(String(repeating: "a", count: 100))"}"#).status == 413)
    await served.stop()
  }

  @Test func `answers many at once`() async throws {
    let served = try ServedCoach()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<50 {
        group.addTask {
          try await served.chat(accept: number.isMultiple(of: 2) ? "text/event-stream" : nil).status
        }
      }
      for try await status in group { #expect(status == 200) }
    }
    #expect(served.coach.seen.asked.count == 50)
    await served.stop()
  }
}
