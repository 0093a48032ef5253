import Dispatch
import Foundation
import Glibc

/// A client whose every byte is written by the test.
///
/// It waits on a thread of its own, for the server's handlers need
/// the threads of Swift's pool.
final class RawClient: Sendable {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw POSIXError(.ECONNREFUSED) }
  }

  deinit { Glibc.close(descriptor) }

  /// False when the server has closed.
  @discardableResult
  func write(_ text: String) async -> Bool {
    await offThePool { $0.writeNow(text) }
  }

  /// Everything up to the server's close, or up to `end`.
  func read(until end: String? = nil) async -> String {
    await offThePool { $0.readNow(until: end) }
  }

  /// Tells the server that nothing more will come.
  func endWriting() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private func offThePool<Value: Sendable>(_ work: @escaping @Sendable (RawClient) -> Value) async -> Value {
    await withCheckedContinuation { done in
      DispatchQueue.global().async { done.resume(returning: work(self)) }
    }
  }

  private func writeNow(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  private func readNow(until end: String?) -> String {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      received += buffer.prefix(count)
      if let end, String(decoding: received, as: UTF8.self).hasSuffix(end) { break }
    }
    return String(decoding: received, as: UTF8.self)
  }
}
