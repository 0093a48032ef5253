import HTTPServerKit

/// A server that listens on the loopback.
struct Served: Sendable {
  let server: HTTPServer
  let port: Int

  init(_ settings: HTTPServer.Settings = HTTPServer.Settings(), _ handler: @escaping HTTPServer.Handler) throws {
    server = try HTTPServer(settings: settings, handler: handler)
    try server.start()
    port = server.port ?? 0
  }

  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  func stop() async { await server.stop() }
}
