/// Reads the header lines that libcurl hands on, one by one, and knows when the final head is complete.
struct ResponseHeadParser: Sendable {
  /// What a line led to.
  enum Outcome: Sendable {
    case more
    case complete(ResponseHead)
    case tooLarge
  }

  private let maximumBytes: Int
  private var head = ResponseHead(status: 0, headers: HTTPHeaders())
  private var bytes = 0
  private var isComplete = false

  init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  /// Takes one line; interim heads (1xx) are passed over and trailers are ignored.
  mutating func take(_ line: some Collection<UInt8>) -> Outcome {
    guard !isComplete else { return .more }
    bytes += line.count
    guard bytes <= maximumBytes else { return .tooLarge }
    let line = Self.trimmed(Array(line)[...])
    if line.isEmpty { return endHead() }
    if line.starts(with: "HTTP/".utf8) {
      head = ResponseHead(status: Self.status(in: line), headers: HTTPHeaders())
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      let value = Self.trimmed(line[(colon + 1)...])
      head.headers.append(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
    return .more
  }

  private mutating func endHead() -> Outcome {
    guard head.status >= 200 else { return .more }
    isComplete = true
    return .complete(head)
  }

  private static func status(in line: ArraySlice<UInt8>) -> Int {
    let parts = line.split(separator: 0x20, maxSplits: 2)
    return parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
  }

  /// The bytes without spaces, tabs and line ends on either side.
  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return [] }
    return bytes[first...last]
  }
}
