import FoundationEssentials
import Glibc

/// Where the project and the built program lie.
enum Project {
  /// The project's folder: `COACH_ROOT`, else the one that this file belongs to.
  static let root: String = {
    if let root = ProcessInfo.processInfo.environment["COACH_ROOT"] { return resolved(root) }
    let parts = resolved(#filePath).split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/")
  }()

  /// The program under test: `COACH_BINARY`, else the `coach` beside the test bundle.
  static func binary() throws -> String {
    if let path = ProcessInfo.processInfo.environment["COACH_BINARY"] { return resolved(path) }
    let bundles = [resolved("/proc/self/exe")] + CommandLine.arguments.filter { $0.contains(".xctest") }
    let candidates = bundles.compactMap { bundle in
      bundle.split(separator: "/", omittingEmptySubsequences: false).firstIndex { $0.hasSuffix(".xctest") }
        .map { bundle.split(separator: "/", omittingEmptySubsequences: false)[..<$0].joined(separator: "/") + "/coach" }
    }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
      throw Complaint("there is no built coach beside \(bundles); name one with COACH_BINARY")
    }
    return found
  }

  /// The path without symbolic links; the path itself when it cannot be resolved.
  static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

/// Something that a test needs did not come about.
struct Complaint: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Looks again and again until there is something to see.
///
/// - Parameters:
///   - what: what is waited for, for the complaint.
///   - limit: how long to look.
///   - look: returns nil as long as there is nothing.
/// - Returns: what there is to see.
/// - Throws: `Complaint` when nothing came within the limit, or what `look` throws.
func eventually<Value>(
  _ what: @autoclosure () -> String,
  within limit: Duration = .seconds(30),
  _ look: () async throws -> Value?
) async throws -> Value {
  let end = ContinuousClock.now + limit
  while true {
    if let value = try await look() { return value }
    guard ContinuousClock.now < end else { throw Complaint("within \(limit) it did not happen that \(what())") }
    try await Task.sleep(for: .milliseconds(10))
  }
}
