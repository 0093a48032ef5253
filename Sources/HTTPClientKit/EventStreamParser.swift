/// Turns the bytes of a `text/event-stream` into events, however the bytes are cut.
///
/// Follows the HTML standard, section 9.2.6 (html.spec.whatwg.org/multipage/server-sent-events.html): lines end in CR,
/// LF or both; a leading byte order mark and comments are passed over; an event without data is none; what stands
/// after the last blank line when the stream ends is dropped. Invalid UTF-8 is replaced by U+FFFD.
public struct EventStreamParser: Sendable {
  private let maximumLineBytes: Int
  private let maximumEventBytes: Int

  private var line: [UInt8] = []
  private var endedInCarriageReturn = false
  private var isFirstLine = true
  private var failure: EventStreamFailure?

  private var event = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var retry: Duration?

  /// The last id that the stream gave: what a reconnection sends as `Last-Event-ID`.
  public private(set) var lastEventID: String?

  /// Makes a parser.
  ///
  /// - Parameters:
  ///   - maximumLineBytes: the longest line, without its end.
  ///   - maximumEventBytes: the longest data of one event.
  public init(maximumLineBytes: Int = 4 << 20, maximumEventBytes: Int = 8 << 20) {
    self.maximumLineBytes = maximumLineBytes
    self.maximumEventBytes = maximumEventBytes
  }

  /// Takes the next bytes and returns the events that they complete.
  ///
  /// - Throws: ``EventStreamFailure`` past a limit, and from then on.
  public mutating func push(_ bytes: some Sequence<UInt8>) throws(EventStreamFailure) -> [ServerSentEvent] {
    if let failure { throw failure }
    var events: [ServerSentEvent] = []
    do throws(EventStreamFailure) {
      var rest = Array(bytes)[...]
      while let event = try takeEvent(from: &rest) { events.append(event) }
    } catch {
      failure = error
      throw error
    }
    return events
  }

  /// Takes lines until one of them completes an event; nil when the bytes are used up before that.
  private mutating func takeEvent(from rest: inout ArraySlice<UInt8>) throws(EventStreamFailure) -> ServerSentEvent? {
    while let first = rest.first {
      if endedInCarriageReturn {
        endedInCarriageReturn = false
        if first == 0x0A {
          rest.removeFirst()
          continue
        }
      }
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
      let part = rest[..<(end ?? rest.endIndex)]
      guard line.count + part.count <= maximumLineBytes else { throw .lineTooLong(limit: maximumLineBytes) }
      guard let end else {
        line += part
        rest = []
        return nil
      }
      endedInCarriageReturn = rest[end] == 0x0D
      rest = rest[(end + 1)...]
      // Most lines come whole and need not be gathered.
      if let event = try endLine(line.isEmpty ? part : line + part) { return event }
    }
    return nil
  }

  private mutating func endLine(_ whole: ArraySlice<UInt8>) throws(EventStreamFailure) -> ServerSentEvent? {
    line.removeAll(keepingCapacity: true)
    var line = whole
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else { return dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[colon...].dropFirst()
    if value.first == 0x20 { value.removeFirst() }
    try takeField(String(decoding: line[..<colon], as: UTF8.self), value)
    return nil
  }

  private mutating func takeField(_ name: String, _ value: ArraySlice<UInt8>) throws(EventStreamFailure) {
    switch name {
    case "event": event = String(decoding: value, as: UTF8.self)
    case "data":
      guard data.count + value.count < maximumEventBytes else { throw .eventTooLong(limit: maximumEventBytes) }
      if hasData { data.append(0x0A) }
      data += value
      hasData = true
    case "id" where !value.contains(0): lastEventID = String(decoding: value, as: UTF8.self)
    case "retry": retry = Self.milliseconds(value) ?? retry
    default: break  // comments, whose name is empty, and fields that the standard does not know
    }
  }

  private mutating func dispatch() -> ServerSentEvent? {
    defer {
      event = ""
      data.removeAll(keepingCapacity: true)
      hasData = false
      retry = nil
    }
    guard hasData else { return nil }
    return ServerSentEvent(
      event: event.isEmpty ? "message" : event,
      data: String(decoding: data, as: UTF8.self),
      id: lastEventID,
      retry: retry
    )
  }

  private static func milliseconds(_ digits: ArraySlice<UInt8>) -> Duration? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self)).map { .milliseconds($0) }
  }
}
