import CoachTesting
import Foundation
import Testing

/// The scripted server as seen by clients that nobody here wrote.
@Suite(.timeLimit(.minutes(3))) struct OfficialClientTests {
  /// A Python that may have the packages; nil when none is named.
  private static let python = ProcessInfo.processInfo.environment["COACH_PYTHON"]
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Clients")

  @Test(.enabled("COACH_PYTHON names no Python that has the package openai") { await has("openai") })
  func `OpenAI's own package accepts every exchange`() async throws { try await run("openai") }

  @Test(.enabled("COACH_PYTHON names no Python that has the package anthropic") { await has("anthropic") })
  func `Anthropic's own package accepts every exchange`() async throws { try await run("anthropic") }

  private func run(_ package: String) async throws {
    let python = try #require(Self.python)
    let script = try String(contentsOf: Self.folder.appending(path: "model_clients.jsonl"), encoding: .utf8)
    let server = ScriptedModelServer(try ModelScript(parsing: script))
    try server.start()
    let program = Self.folder.appending(path: "model_clients_test.py").path
    let (status, output) = try await Self.run(python, [program, "http://127.0.0.1:\(server.port)", package])
    #expect(status == 0, "\(output)")
    #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok \(package)") }.count >= 10)
    await server.stop()
  }

  private static func has(_ package: String) async -> Bool {
    guard let python else { return false }
    return (try? await run(python, ["-c", "import \(package)"]).status) == 0
  }

  /// Runs a program to its end; the packages must reach the server and nothing else.
  private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["NO_PROXY"] = "127.0.0.1"
    process.environment = environment
    let pipe = Pipe()
    // Programs that other tests start meanwhile would keep it open.
    for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
      _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = await withCheckedContinuation { done in
      Thread.detachNewThread { done.resume(returning: pipe.fileHandleForReading.readDataToEndOfFile()) }
    }
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
