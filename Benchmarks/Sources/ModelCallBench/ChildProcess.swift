import Foundation

/// This program once more, in a process of its own.
struct ChildProcess {
  private let process: Process
  private let output = Pipe()

  init(_ arguments: [String]) throws {
    process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
  }

  /// Its first line.
  func readLine() throws -> String {
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let line = text.split(separator: "\n").first else { throw BenchFailure("the process ended without a word") }
    return String(line)
  }

  /// All that it says, once it has ended.
  func readToEnd() throws -> Data {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchFailure("the process failed") }
    return data
  }

  /// User and system time so far, to a hundredth of a second; see `proc(5)`, `/proc/PID/stat`, fields 14 and 15.
  var processorSeconds: Double {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
