import FoundationEssentials
import Glibc

/// The outside world of the tests: a file that survives the process, to which each line is added and brought to disk.
///
/// Each line also goes to standard output, so that whoever watches knows how far the process has come.
struct EffectLog: Sendable {
  private let file: Int32

  /// Opens the file for adding lines, and makes it when it is missing.
  init(path: String) throws {
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SubjectFailure("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
  }

  /// Adds a line; one call of the system each, so that no line is ever cut by a kill.
  func add(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    guard write(file, bytes, bytes.count) == bytes.count, fdatasync(file) == 0 else {
      throw SubjectFailure("the log cannot be written: \(String(cString: strerror(errno)))")
    }
    _ = write(1, bytes, bytes.count)
  }
}

/// Why the process cannot do what it is told.
struct SubjectFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
