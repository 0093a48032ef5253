/// Why a request is answered by the server itself.
struct RequestFault: Error, Hashable, Sendable {
  var status: Int
  var reason: String
}

/// Reads the target of a request line: its path and its query, decoded and judged.
enum RequestTargetParser {
  /// - Throws: a ``RequestFault`` with status 400.
  static func parse(_ rawTarget: String) throws(RequestFault) -> (path: String, query: [(String, String)]) {
    if rawTarget == "*" { return ("*", []) }
    let target = Array(originForm(rawTarget).utf8)
    let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    let path = try decode(target[..<mark], plusIsSpace: false)
    try check(path)
    return (path, try query(target[mark...].dropFirst()))
  }

  /// The target without scheme and host, which proxies send along.
  private static func originForm(_ target: String) -> Substring {
    guard target.lowercased().hasPrefix("http://") else { return target[...] }
    let rest = target.dropFirst("http://".count)
    return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
  }

  private static func check(_ path: String) throws(RequestFault) {
    guard path.hasPrefix("/") else { throw RequestFault(status: 400, reason: "The path does not begin with a slash.") }
    guard path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw RequestFault(status: 400, reason: "The path holds a control character.")
    }
    guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      throw RequestFault(status: 400, reason: "The path holds a '.' or '..' segment.")
    }
  }

  private static func query(_ bytes: ArraySlice<UInt8>) throws(RequestFault) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for part in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      let name = try decode(part[..<equals], plusIsSpace: true)
      pairs.append((name, try decode(part[equals...].dropFirst(), plusIsSpace: true)))
    }
    return pairs
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(RequestFault) -> String {
    var decoded: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
          throw RequestFault(status: 400, reason: "The target holds a broken percent escape.")
        }
        decoded.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
      default: decoded.append(byte)
      }
    }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw RequestFault(status: 400, reason: "The target is not valid UTF-8.")
    }
    return text
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
