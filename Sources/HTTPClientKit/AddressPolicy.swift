import Glibc

/// Which addresses the client may connect to, judged on the resolved address and not on the name.
///
/// Refused unless allowed: link-local addresses (169.254.0.0/16, fe80::/10) and the metadata services of clouds
/// (169.254.169.254, 100.100.100.200, 192.0.0.192, 168.63.129.16, fd00:ec2::254, fd20:ce::254), also when they come
/// wrapped in IPv6. Private networks are allowed, for that is where an operator's own servers are. With a proxy the far
/// address is resolved there, so only an address written in the URL is judged.
public struct AddressPolicy: Hashable, Sendable {
  /// Whether link-local and metadata addresses may be reached.
  public var allowsLinkLocal: Bool
  /// Whether this machine's own addresses (127.0.0.0/8, ::1, and the unspecified address) may be reached.
  public var allowsLoopback: Bool
  /// Whether addresses of private networks (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7) may be
  /// reached.
  public var allowsPrivate: Bool

  /// Makes a policy; by default link-local and metadata addresses are refused, loopback and private ones allowed.
  public init(allowsLinkLocal: Bool = false, allowsLoopback: Bool = true, allowsPrivate: Bool = true) {
    self.allowsLinkLocal = allowsLinkLocal
    self.allowsLoopback = allowsLoopback
    self.allowsPrivate = allowsPrivate
  }

  /// Whether the address is refused: 4 bytes of IPv4 or 16 bytes of IPv6, in network order.
  ///
  /// Any other length is refused.
  public func refuses(_ address: [UInt8]) -> Bool {
    switch address.count {
    case 4: refuses4(address)
    case 16: refuses6(address)
    default: true
    }
  }

  /// Whether the host is an address in text form that is refused; names are judged when they are resolved.
  public func refuses(host: String) -> Bool {
    guard let address = Self.bytes(ofLiteral: host) else { return false }
    return refuses(address)
  }

  private func refuses4(_ address: [UInt8]) -> Bool {
    if !allowsLoopback, address[0] == 127 || address == [0, 0, 0, 0] { return true }
    if !allowsLinkLocal, address.prefix(2) == [169, 254] || Self.metadata4.contains(address) { return true }
    return !allowsPrivate && Self.isPrivate4(address)
  }

  private func refuses6(_ address: [UInt8]) -> Bool {
    if address.dropLast().allSatisfy({ $0 == 0 }), address[15] <= 1 { return !allowsLoopback }
    if let inner = Self.carriedIPv4(address) { return refuses4(inner) }
    let isLinkLocal = address[0] == 0xFE && address[1] & 0xC0 == 0x80
    if !allowsLinkLocal, isLinkLocal || Self.metadata6.contains(address) { return true }
    return !allowsPrivate && address[0] & 0xFE == 0xFC
  }

  private static func isPrivate4(_ address: [UInt8]) -> Bool {
    switch (address[0], address[1]) {
    case (10, _), (172, 16...31), (192, 168), (100, 64...127): true
    default: false
    }
  }

  /// Metadata services outside 169.254.0.0/16: Alibaba's, Oracle's, Azure's.
  private static let metadata4: Set<[UInt8]> = [[100, 100, 100, 200], [192, 0, 0, 192], [168, 63, 129, 16]]

  /// The metadata services fd00:ec2::254 (Amazon) and fd20:ce::254 (Google).
  private static let metadata6: Set<[UInt8]> = [
    [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
    [0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],
  ]

  /// The IPv4 address at the end of ::ffff:0:0/96 (mapped), ::/96 (compatible) and 64:ff9b::/96 (translated), or behind
  /// the prefix of 2002::/16 (6to4).
  private static func carriedIPv4(_ address: [UInt8]) -> [UInt8]? {
    let zeros = [UInt8](repeating: 0, count: 8)
    let prefix = Array(address.prefix(12))
    if [zeros + [0, 0, 0xFF, 0xFF], zeros + [0, 0, 0, 0], [0, 0x64, 0xFF, 0x9B] + zeros].contains(prefix) {
      return Array(address.suffix(4))
    }
    return address.prefix(2) == [0x20, 0x02] ? Array(address[2..<6]) : nil
  }

  /// The bytes of `169.254.1.1`, `fe80::1` or `[fe80::1%eth0]`.
  private static func bytes(ofLiteral host: String) -> [UInt8]? {
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : Substring(host)
    let text = String(bare.prefix { $0 != "%" })
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
    var six = in6_addr()
    if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
    return nil
  }

  /// The bytes of a socket address; empty, and so refused, for a family other than IPv4 and IPv6.
  static func bytes(of address: UnsafePointer<sockaddr>, family: Int32) -> [UInt8] {
    let raw = UnsafeRawPointer(address)
    switch family {
    case AF_INET:
      return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
    case AF_INET6:
      return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
    default:
      return []
    }
  }
}
