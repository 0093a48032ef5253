import ConcurrencyKit
import Glibc

/// A request's body on disk, for bodies that are too long for memory; it is removed when nobody holds it any more.
///
/// Only this user can read it.
public final class HTTPBodyFile: Sendable {
  /// Where it is.
  public let path: String
  private let descriptor: Int32
  private let written = Locked(0)

  /// How many bytes it has.
  public var count: Int { written.current }

  /// Makes an empty file in a folder; nil when there is no room for one.
  init?(in folder: String) {
    var template = Array("\(folder)/coach-body-XXXXXX".utf8CString)
    // mkstemp makes it with mode 0600.
    let descriptor = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { mkstemp($0) } ?? -1
    }
    guard descriptor >= 0 else { return nil }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Adds bytes at the end; answers whether all of them found room.
  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    written.withLock { $0 += done }
    return true
  }
}
