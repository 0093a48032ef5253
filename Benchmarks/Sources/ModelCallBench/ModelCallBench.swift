import ConcurrencyKit
import Foundation

/// What a routed call of a model costs besides the model: over real sockets, against a server in a process of its own
/// that replays one recorded answer.
///
/// Every case runs in a fresh process, whose processor time and memory are counted without those of the server.
@main
struct ModelCallBench {
  private static let help = """
    usage: model-call-bench [CASE...]

    Runs every case, or those named, each in a process of its own, and prints a table.
    `--case NAME URL` measures one case in this process against a server; `--server` is that server.

    cases: \(BenchCase.all.map(\.name).joined(separator: " "))

    """

  static func main() async throws {
    ProcessMemory.limitHeaps()
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "--server":
      var server = try AnswerServer(answer: await AnswerServer.record())
      try server.serve()
    case "--case" where arguments.count == 3:
      guard let measured = BenchCase.named(arguments[1]) else { return FileHandle.standardError.write(Data(help.utf8)) }
      let url = arguments[2]
      // On the shared thread pool, as in a server, not on the main thread.
      let figures = try await Task.detached { try await measured.run(url) }.value
      FileHandle.standardOutput.write(try JSONEncoder().encode(figures))
    default:
      let cases = arguments.compactMap(BenchCase.named)
      guard cases.count == arguments.count else { return FileHandle.standardError.write(Data(help.utf8)) }
      try measure(cases.isEmpty ? BenchCase.all : cases)
    }
  }

  private static func measure(_ cases: [BenchCase]) throws {
    let server = try ChildProcess(["--server"])
    defer { server.kill() }
    let url = try server.readLine()
    var report = Report()
    for measured in cases where measured.isPossible {
      let before = server.processorSeconds
      let child = try ChildProcess(["--case", measured.name, url])
      let figures = try JSONDecoder().decode(Figures.self, from: try child.readToEnd())
      report.add(measured, figures, serverSeconds: server.processorSeconds - before)
    }
    FileHandle.standardOutput.write(Data(report.text.utf8))
  }
}
