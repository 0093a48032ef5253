import Foundation
import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct SpooledBodyTests {
  /// A server that writes bodies to `/upload` to files of at most 1,000,000 bytes, and answers with what it found there.
  private func served(folder: String? = nil, _ body: (String, HTTPClient) async throws -> Void) async throws {
    var settings = HTTPServer.Settings()
    settings.bodyLimit = 100
    settings.spooledBodyLimit = { method, path in method == "POST" && path == "/upload" ? 1_000_000 : nil }
    if let folder { settings.spoolFolder = folder }
    let server = try HTTPServer(settings: settings) { request in
      guard let file = request.bodyFile else { return .text("memory \(request.body.count)") }
      let bytes = FileManager.default.contents(atPath: file.path) ?? Data()
      let mode = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.posixPermissions] as? NSNumber
      return .text("\(file.count) \(bytes.count) \(bytes.last ?? 0) \(mode?.intValue ?? 0) \(file.path)")
    }
    try server.start()
    let client = try HTTPClient()
    do {
      try await body("http://127.0.0.1:\(server.port ?? 0)", client)
    } catch {
      await client.shutdown()
      await server.stop()
      throw error
    }
    await client.shutdown()
    await server.stop()
  }

  private func post(_ url: String, _ count: Int, _ client: HTTPClient) async throws -> (status: Int, text: String) {
    let body = [UInt8](repeating: 0x61, count: count - 1) + [0x7A]
    let answer = try await client.send(HTTPRequest(method: "POST", url: url, headers: [], body: body))
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  @Test func `a body of that address goes to a file that only its owner reads, and the file goes with the request`()
    async throws
  {
    try await served { origin, client in
      let answer = try await post(origin + "/upload?file=x", 900_000, client)
      let parts = answer.text.split(separator: " ").map(String.init)
      #expect(answer.status == 200 && parts.prefix(4) == ["900000", "900000", "122", "384"], "\(answer.text)")
      let path = try #require(parts.last)
      for _ in 0..<200 where FileManager.default.fileExists(atPath: path) {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func `other addresses keep their bodies in memory, within their limit`() async throws {
    try await served { origin, client in
      let small = try await post(origin + "/other", 50, client)
      #expect(small.text == "memory 50")
      let large = try await post(origin + "/other", 500, client)
      #expect(large.status == 413)
    }
  }

  @Test func `a body beyond the file's limit is refused`() async throws {
    try await served { origin, client in
      let answer = try await post(origin + "/upload", 1_000_001, client)
      #expect(answer.status == 413)
      let exact = try await post(origin + "/upload", 1_000_000, client)
      #expect(exact.status == 200)
    }
  }

  @Test func `without room for a file the request is refused, not broken off`() async throws {
    try await served(folder: "/nowhere") { origin, client in
      let answer = try await post(origin + "/upload", 1_000, client)
      #expect(answer.status == 503)
    }
  }
}
