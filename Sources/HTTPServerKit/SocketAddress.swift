import CMicroHTTPD
import Glibc

/// An address and a port to listen on, in the form that the system wants.
struct SocketAddress {
  private var storage = sockaddr_storage()
  let isIPv6: Bool

  init(host: String, port: Int) throws(HTTPServerFailure) {
    guard let port = UInt16(exactly: port) else {
      throw .cannotListen(host: host, port: port, reason: "a port is a number from 0 to 65535")
    }
    let text = host == "localhost" ? "127.0.0.1" : host
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if inet_pton(AF_INET, text, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      isIPv6 = false
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: four, as: sockaddr_in.self) }
    } else if inet_pton(AF_INET6, text, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      isIPv6 = true
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: six, as: sockaddr_in6.self) }
    } else {
      throw .invalidHost(host)
    }
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }

  /// The address in text form, without its port; empty when it is neither IPv4 nor IPv6.
  static func text(of address: UnsafePointer<sockaddr>) -> String {
    let raw = UnsafeRawPointer(address)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      var four = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
      inet_ntop(AF_INET, &four, &text, socklen_t(text.count))
    case AF_INET6:
      var six = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      inet_ntop(AF_INET6, &six, &text, socklen_t(text.count))
    default: break
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
