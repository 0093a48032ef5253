import Glibc

/// A file that is read from its beginning to its end.
final class FileBytes {
  /// How many bytes it has.
  let count: Int
  private let descriptor: Int32
  private let path: String

  init(path: String, limit: Int) throws(SpreadsheetFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SpreadsheetFailure(.file, "\(path) cannot be read; check the path and its rights")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SpreadsheetFailure(.file, "\(path) is no file")
    }
    count = Int(status.st_size)
    guard count <= limit else {
      close(descriptor)
      throw SpreadsheetFailure(.tooLarge, "the file has \(count) bytes; at most \(limit) are read; split it")
    }
  }

  deinit { close(descriptor) }

  /// The next bytes, fewer only at the end.
  func read(upTo wanted: Int) throws(SpreadsheetFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: wanted)
    var filled = 0
    while filled < wanted {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw SpreadsheetFailure(.file, "\(path) cannot be read to its end") }
      if got == 0 { break }
      filled += got
    }
    return filled == wanted ? bytes : Array(bytes[..<filled])
  }
}
