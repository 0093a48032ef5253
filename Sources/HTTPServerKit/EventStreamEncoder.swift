/// Frames events as a `text/event-stream`, as the HTML standard, section 9.2.5, describes it.
public enum EventStreamEncoder {
  /// The header fields that keep proxies and browsers from holding events back.
  public static let headers = [
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
  ]

  /// One event.
  ///
  /// - Parameters:
  ///   - data: the data; each of its lines becomes a `data` field, whether they end in CR, LF or both.
  ///   - event: the type; line breaks in it become spaces.
  ///   - id: what a client sends back as `Last-Event-ID`; line breaks and NUL in it become spaces.
  ///   - retry: how long a client should wait before it reconnects, sent in whole milliseconds.
  /// - Returns: the bytes of the event, with the blank line that ends it.
  public static func event(
    data: String,
    event: String? = nil,
    id: String? = nil,
    retry: Duration? = nil
  ) -> [UInt8] {
    var frame: [UInt8] = []
    if let id { appendField("id", inOneLine(id), to: &frame) }
    if let event { appendField("event", inOneLine(event), to: &frame) }
    if let retry { appendField("retry", Array(String(retry.wholeMilliseconds).utf8)[...], to: &frame) }
    for line in lines(of: data) { appendField("data", line, to: &frame) }
    frame.append(lineFeed)
    return frame
  }

  /// A comment, which clients pass over.
  public static func comment(_ text: String) -> [UInt8] {
    var frame: [UInt8] = []
    for line in lines(of: text) { appendField("", line, to: &frame) }
    frame.append(lineFeed)
    return frame
  }

  /// A comment that keeps the connection alive and finds out whether the client is still there.
  public static let ping = comment("ping")

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private static func appendField(_ name: String, _ value: ArraySlice<UInt8>, to frame: inout [UInt8]) {
    frame += Array("\(name): ".utf8) + value
    frame.append(lineFeed)
  }

  private static func inOneLine(_ text: String) -> ArraySlice<UInt8> {
    text.utf8.map { [lineFeed, carriageReturn, 0].contains($0) ? UInt8(ascii: " ") : $0 }[...]
  }

  /// The lines of a text, in bytes: as characters, CR LF would be one and would hide a bare CR before it.
  private static func lines(of text: String) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == lineFeed || byte == carriageReturn {
      let isSecondOfPair = byte == lineFeed && index > 0 && bytes[index - 1] == carriageReturn
      if !isSecondOfPair { lines.append(bytes[start..<index]) }
      start = index + 1
    }
    lines.append(bytes[start...])
    return lines
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int64 { max(0, Int64(self / .milliseconds(1))) }
}
