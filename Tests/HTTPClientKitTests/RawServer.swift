import ConcurrencyKit
import Foundation
import Glibc

/// A server whose every byte is written by the test, so that it can be as wrong as a test needs.
///
/// It listens until the process ends, so no test has to keep it alive while a connection is being made.
final class RawServer: Sendable {
  let port: UInt16
  private let acceptedCount = Locked(0)

  /// Listens on the loopback; `script` runs on a thread of its own for each connection, which ends with it.
  init(_ script: @escaping @Sendable (RawConnection) -> Void) throws {
    let (listener, port) = try Self.boundSocket()
    guard listen(listener, 256) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    self.port = port
    let accepted = acceptedCount
    Thread.detachNewThread {
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        accepted.withLock { $0 += 1 }
        Thread.detachNewThread {
          script(RawConnection(descriptor: descriptor))
          Glibc.close(descriptor)
        }
      }
    }
  }

  var connections: Int { acceptedCount.current }

  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// A port on which nobody listens and that nobody else gets: its socket stays bound until the process ends.
  ///
  /// Closing a listener in its place would leave a thread that takes connections from the next owner of its descriptor.
  static func deadPort() throws -> UInt16 { try boundSocket().port }

  private static func boundSocket() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) + getsockname(descriptor, generic, &length)
      }
    }
    guard code == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }
}

/// One connection of a ``RawServer``; every call blocks its thread.
struct RawConnection: Sendable {
  let descriptor: Int32

  /// The request's head with its blank line; empty when the client has gone.
  func readHead() -> String {
    var head = ""
    var byte: UInt8 = 0
    while !head.hasSuffix("\r\n\r\n"), recv(descriptor, &byte, 1, 0) == 1 {
      head.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return head
  }

  func read(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(0, got)))
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// False when the client has gone.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// Writes until the client takes no more for 300 ms; how many bytes that were.
  func writeUntilBlocked(atMost limit: Int) -> Int {
    let chunk = [UInt8](repeating: 0x61, count: 64 << 10)
    var total = 0
    while total < limit {
      var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&descriptors, 1, 300) == 1 else { break }
      let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
      let sent = send(descriptor, chunk, min(chunk.count, limit - total), flags)
      guard sent > 0 else { break }
      total += sent
    }
    return total
  }

  /// Waits until the client closes.
  func waitForClose() {
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) == 1 {}
  }
}

/// A listener whose queue is full and who accepts nobody: the system answers no further attempt to connect.
final class FullServer: Sendable {
  let url: String
  private let descriptors: [Int32]

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var descriptors = [listener]
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        let code = bind(listener, generic, length) + listen(listener, 0) + getsockname(listener, generic, &length)
        // A queue of length 0 takes one; the others wait in vain, which is what they are here for.
        for _ in 0..<8 {
          let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
          _ = connect(filler, generic, length)
          descriptors.append(filler)
        }
        return code
      }
    }
    guard code == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
    self.descriptors = descriptors
  }

  deinit {
    for descriptor in descriptors { Glibc.close(descriptor) }
  }
}
