import FoundationEssentials
import Glibc

/// A folder for a moment that nobody else on the machine can read.
struct PrivateFolder: Sendable {
  /// Where it is.
  let path: String

  /// Makes an empty folder among the system's temporary files.
  ///
  /// - Throws: ``StartFailure`` when there is no room for one.
  init() throws(StartFailure) {
    let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
    var template = Array("\(base.hasSuffix("/") ? base : base + "/")coach-XXXXXX".utf8CString)
    // mkdtemp makes it with mode 0700.
    let isMade = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
    }
    guard isMade else { throw StartFailure("no temporary folder can be made in \(base): error \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The path of a file in it.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Removes the folder and all in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
