import ConcurrencyKit
import FoundationEssentials
import Glibc

/// Measures the state-graph runtime: every case in a fresh process, one table at the end.
@main
struct StateGraphBench {
  private static let help = """
    usage: state-graph-bench [--json] [--samples COUNT] [CASE...]

    Runs every case, or those named, each in a process of its own: one warm-up, then the median of COUNT samples, at
    least 7 (default 9). `--case NAME` measures one case in this process.

    cases: \(BenchmarkCase.all.map(\.name).joined(separator: " "))

    """

  private struct Arguments {
    var isJSON = false
    var samples = 9
    var child: String?
    var isFirstNode = false
    var names: [String] = []

    /// Nil when they make no sense.
    init?(_ texts: [String]) {
      var rest = texts[...]
      while let text = rest.popFirst() {
        switch text {
        case "--json": isJSON = true
        case "--first-node": isFirstNode = true
        case "--samples":
          guard let count = rest.popFirst().flatMap({ Int($0) }), (7...1_000).contains(count) else { return nil }
          samples = count
        case "--case":
          guard let name = rest.popFirst(), BenchmarkCase.named(name) != nil else { return nil }
          child = name
        default:
          guard BenchmarkCase.named(text) != nil else { return nil }
          names.append(text)
        }
      }
    }
  }

  static func main() async throws {
    // As the program does.
    ProcessMemory.limitHeaps()
    guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
      FileDescriptors.write(help, to: STDERR_FILENO)
      exit(2)
    }
    if arguments.isFirstNode { return try await FirstNode.run() }
    if let measured = arguments.child.flatMap({ BenchmarkCase.named($0) }) {
      let line = try JSONEncoder().encode(try await measured.measureHere(samples: arguments.samples))
      return FileDescriptors.write(String(decoding: line, as: UTF8.self), to: STDOUT_FILENO)
    }
    let cases = BenchmarkCase.all.filter { arguments.names.isEmpty || arguments.names.contains($0.name) }
    var measurements: [Measurement] = []
    for measured in cases {
      FileDescriptors.write("\(measured.title)\n", to: STDERR_FILENO)
      let child = try ChildProcess(["--case", measured.name, "--samples", String(arguments.samples)])
      measurements.append(try JSONDecoder().decode(Measurement.self, from: Data(child.finish().output)))
    }
    let report = Report(measurements)
    FileDescriptors.write(arguments.isJSON ? try report.json() : report.text, to: STDOUT_FILENO)
  }
}

extension BenchmarkCase {
  static func named(_ name: String) -> BenchmarkCase? { all.first { $0.name == name } }
}
