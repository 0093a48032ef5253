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
    let text = String(decoding: line, as: UTF8.self).trimmedOfSpace
    if text.isEmpty { return endHead() }
    if text.hasPrefix("HTTP/") {
      head = ResponseHead(status: Self.status(in: text), headers: HTTPHeaders())
    } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
      let value = text[text.utf8.index(after: colon)...]
      head.headers.append(String(text[..<colon]), String(value).trimmedOfSpace)
    }
    return .more
  }

  private mutating func endHead() -> Outcome {
    guard head.status >= 200 else { return .more }
    isComplete = true
    return .complete(head)
  }

  private static func status(in line: String) -> Int {
    let parts = line.split(separator: " ", maxSplits: 2)
    return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  }
}

extension String {
  /// The text without spaces, tabs and line ends on either side; in bytes, for a line end is one character with what
  /// follows it.
  fileprivate var trimmedOfSpace: String {
    let space: Set<UInt8> = [0x20, 0x09, 0x0D, 0x0A]
    var bytes = utf8[...]
    while let first = bytes.first, space.contains(first) { bytes.removeFirst() }
    while let last = bytes.last, space.contains(last) { bytes.removeLast() }
    return String(bytes) ?? ""
  }
}
