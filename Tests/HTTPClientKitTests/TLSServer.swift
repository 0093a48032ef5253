import ConcurrencyKit
import Foundation

/// A TLS server in a process of its own, with a certificate made for it; ``stop()`` ends both.
final class TLSServer: Sendable {
  /// Why there is no server.
  struct Unavailable: Error {}

  private static let python = ProcessInfo.processInfo.environment["COACH_PYTHON"]
  private static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Clients/tls_server.py").path

  /// Where the server listens.
  let port: Int
  /// The certificate, which is its own authority.
  let certificate: String
  private let folder: URL
  private let process: Process
  /// The server's standard input: it ends when this does, also if the tests are killed.
  private let life: Pipe
  private let said: Locked<[String]>

  /// Whether this machine has what the server needs.
  static var isAvailable: Bool {
    guard let python, FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else { return false }
    return (try? run(python, ["-c", "import h2.connection"])) == 0
  }

  /// Starts a server.
  ///
  /// - Parameter `protocol`: `h2` or `http/1.1`: what it offers when TLS is agreed.
  init(offering protocol: String) async throws {
    guard let python = Self.python else { throw Unavailable() }
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let key = folder.appending(path: "key.pem").path
    let certificate = folder.appending(path: "certificate.pem").path
    let words = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
      certificate,
    ]
    guard try Self.run("/usr/bin/openssl", words) == 0 else { throw Unavailable() }
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = [Self.program, certificate, key, `protocol`]
    let pipe = Pipe.ofItsOwn()
    process.standardOutput = pipe
    let life = Pipe.ofItsOwn()
    process.standardInput = life
    try process.run()
    let said = Locked<[String]>([])
    let reader = pipe.fileHandleForReading
    Thread.detachNewThread {
      var rest = ""
      while case let data = reader.availableData, !data.isEmpty {
        rest += String(decoding: data, as: UTF8.self)
        let lines = rest.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        rest = lines.last ?? ""
        said.withLock { $0 += lines.dropLast() }
      }
    }
    (self.folder, self.certificate, self.process, self.said, self.life) = (folder, certificate, process, said, life)
    while !said.current.contains(where: { $0.hasPrefix("port ") }) {
      guard process.isRunning else { throw Unavailable() }
      try await Task.sleep(for: .milliseconds(5))
    }
    port = said.current.first.flatMap { Int($0.dropFirst(5)) } ?? 0
  }

  /// What the server said so far.
  var lines: [String] { said.current }

  /// How many connections it took.
  var connections: Int { said.current.count { $0 == "connected" } }

  func url(_ path: String) -> String { "https://127.0.0.1:\(port)\(path)" }

  func stop() {
    // The one signal that nobody can block, as threads of the concurrency runtime do, and their children after them.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

extension Pipe {
  /// A pipe that programs which other tests start meanwhile do not inherit: they would keep it open.
  fileprivate static func ofItsOwn() -> Pipe {
    let pipe = Pipe()
    for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
      _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    return pipe
  }
}
