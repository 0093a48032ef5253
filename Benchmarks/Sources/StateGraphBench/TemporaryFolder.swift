import Glibc

/// A folder for the files of one case; it goes with this value.
final class TemporaryFolder: Sendable {
  struct Failure: Error {
    let message: String
  }

  let path: String
  private let names = ["metadata.sqlite", "metadata.sqlite-wal", "metadata.sqlite-shm"]

  /// Makes a folder under `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is on a disk nearly everywhere.
  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var template = Array("\(parent)/state-graph-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(message: "no folder can be made in \(parent)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var database: String { "\(path)/\(names[0])" }

  /// The bytes of the database and the files beside it.
  var bytes: Int {
    var sum = 0
    for name in names {
      var status = stat()
      if stat("\(path)/\(name)", &status) == 0 { sum += Int(status.st_size) }
    }
    return sum
  }
}
