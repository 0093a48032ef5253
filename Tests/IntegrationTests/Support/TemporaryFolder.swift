import FoundationEssentials

/// A folder of one test; it goes with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = "\(FileManager.default.temporaryDirectory.path)/coach-process-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a text file, making folders on the way.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let path = file(name)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }
}

/// The bytes of a file; none when it cannot be read.
func bytes(of path: String) -> Data {
  (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
}

/// The text of a file; bytes that are no UTF-8 are replaced.
func text(of path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }
