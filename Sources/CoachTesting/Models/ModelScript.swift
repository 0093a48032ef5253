public import CoachVocabulary

/// What a scripted model server plays: prepared exchanges, each for one kind of request.
///
/// The text form is JSON Lines (one exchange on each line), a JSON list, or an object with a list `exchanges`. An
/// exchange has these members, all optional:
///
/// - `match`: text that the last user message, the system text or the header `X-Coach-Agent` must contain, whatever the
///   case; without it the exchange fits every request.
/// - `times`: how often it is played, 1 unless given; 0 is any number of times.
/// - `reply`: the text, or any JSON, which is sent as its text.
/// - `tool_calls`: a list of `{"name": …, "arguments": {…}}`.
/// - `finish_reason`: in place of the one that fits the reply.
/// - `usage`: a `usage` object as chat completions write it (translated where the Messages API is spoken) or as the
///   format of the request wants it, right or wrong; or `false` to leave it out; without it the tokens are estimated.
/// - `chunk_size`: letters in a chunk, 12 unless given; `delay_ms` before each chunk; `first_delay_ms` before the
///   reply.
/// - `fault`: see ``ModelFault``.
///
/// The first exchange that fits and is not used up is played.
public struct ModelScript: Hashable, Sendable {
  /// The exchanges in order.
  public var exchanges: [ScriptedExchange]

  /// Makes a script.
  public init(_ exchanges: [ScriptedExchange]) { self.exchanges = exchanges }

  /// Reads a script.
  ///
  /// - Throws: `JSONFailure` naming the exchange and the member that is wrong.
  public init(parsing text: String) throws(JSONFailure) {
    var items: [JSONValue] = []
    if let whole = try? JSONValue(parsing: text), let list = whole.arrayValue ?? whole["exchanges"]?.arrayValue {
      items = list
    } else {
      for (index, line) in text.split(whereSeparator: \.isNewline).enumerated()
      where !line.allSatisfy(\.isWhitespace) {
        guard let value = try? JSONValue(parsing: String(line)) else {
          throw JSONFailure(message: "line \(index + 1) of the script is not JSON")
        }
        items.append(value)
      }
    }
    exchanges = []
    for (index, item) in items.enumerated() {
      exchanges.append(try ScriptedExchange(item, at: "exchange \(index + 1)"))
    }
  }
}

/// One prepared exchange of a script.
public struct ScriptedExchange: Hashable, Sendable {
  /// Text that the request must contain; nil fits every request.
  public var match: String?
  /// How often it is played; 0 is any number of times.
  public var times: Int
  /// The text of the reply.
  public var reply: String
  /// The tools that the reply asks for, as `{"name": …, "arguments": {…}}`.
  public var toolCalls: [JSONValue]
  /// In place of the reason that fits the reply.
  public var finishReason: String?
  /// The token counts to report.
  public var usage: ScriptedUsage
  /// Letters in a chunk.
  public var chunkSize: Int
  /// The wait before each chunk.
  public var delay: Duration
  /// The wait before the reply begins.
  public var firstDelay: Duration
  /// What goes wrong, if anything.
  public var fault: ModelFault?

  /// Makes an exchange.
  public init(
    match: String? = nil,
    times: Int = 1,
    reply: String = "",
    toolCalls: [JSONValue] = [],
    finishReason: String? = nil,
    usage: ScriptedUsage = .estimated,
    chunkSize: Int = 12,
    delay: Duration = .zero,
    firstDelay: Duration = .zero,
    fault: ModelFault? = nil
  ) {
    self.match = match
    self.times = times
    self.reply = reply
    self.toolCalls = toolCalls
    self.finishReason = finishReason
    self.usage = usage
    self.chunkSize = max(1, chunkSize)
    self.delay = delay
    self.firstDelay = firstDelay
    self.fault = fault
  }

  fileprivate init(_ item: JSONValue, at place: String) throws(JSONFailure) {
    guard let members = item.objectValue else { throw JSONFailure(message: "\(place) must be an object") }
    let known: Set<String> = [
      "match", "times", "reply", "tool_calls", "finish_reason", "usage", "chunk_size", "delay_ms", "first_delay_ms",
      "fault",
    ]
    if let stranger = members.keys.filter({ !known.contains($0) }).min() {
      throw JSONFailure(message: "\(place) has the unknown member '\(stranger)'; known: \(known.sorted())")
    }
    func number(_ key: String, _ standard: Int) throws(JSONFailure) -> Int {
      guard let value = item[key] else { return standard }
      guard let number = value.intValue, (0...3_600_000).contains(number) else {
        throw JSONFailure(message: "'\(key)' of \(place) must be a whole number from 0")
      }
      return number
    }
    self.init(
      match: item["match"]?.stringValue,
      times: try number("times", 1),
      reply: item["reply"].map { $0.stringValue ?? $0.text } ?? "",
      toolCalls: item["tool_calls"]?.arrayValue ?? [],
      finishReason: item["finish_reason"]?.stringValue,
      usage: ScriptedUsage(item["usage"]),
      chunkSize: try number("chunk_size", 12),
      delay: .milliseconds(try number("delay_ms", 0)),
      firstDelay: .milliseconds(try number("first_delay_ms", 0)),
      fault: try item["fault"].map { fault throws(JSONFailure) in try ModelFault(fault, at: place) }
    )
  }
}

/// The token counts that a scripted reply reports.
public enum ScriptedUsage: Hashable, Sendable {
  /// Counted from the texts.
  case estimated
  /// This `usage` object.
  case fixed(JSONValue)
  /// None.
  case omitted

  fileprivate init(_ value: JSONValue?) {
    switch value {
    case nil, true?: self = .estimated
    case false?, JSONValue.null?: self = .omitted
    case let value?: self = .fixed(value)
    }
  }
}

/// What goes wrong in a scripted exchange.
public enum ModelFault: Hashable, Sendable {
  /// `{"status": 429, "retry_after": "1", "error": {…}}`: an error in place of a reply.
  case status(Int, retryAfter: String?, error: JSONValue)
  /// `{"cut_after": 2}`: the connection breaks after so many chunks.
  case cut(afterChunks: Int)
  /// `{"error_after": 2, "error": {…}}`: an error object inside the stream after so many chunks.
  case error(afterChunks: Int, error: JSONValue)
  /// `"malformed"`: a reply that is no JSON.
  case malformed
  /// `"refuse"`: the model declines; the exchange's reply says how.
  case refuse
  /// `"omit_done"`: a stream without its last line.
  case omitDone
  /// `"garbage"`: bytes that are neither text nor events.
  case garbage
  /// `{"stall_after": 2}`: silence after so many chunks, until the client hangs up.
  case stall(afterChunks: Int)
  /// `{"drip_ms": 20}`: one byte at a time, with a wait before each.
  case drip(every: Duration)
  /// `{"endless_bytes": 10000000}`: so many bytes without a line end.
  case endless(bytes: Int)

  fileprivate init(_ value: JSONValue, at place: String) throws(JSONFailure) {
    let standardError: JSONValue = ["message": "scripted fault", "type": "server_error"]
    let error = value["error"] ?? standardError
    if let word = value.stringValue {
      switch word {
      case "malformed": self = .malformed
      case "refuse": self = .refuse
      case "omit_done": self = .omitDone
      case "garbage": self = .garbage
      default:
        throw JSONFailure(
          message: "'fault' of \(place) must be malformed, garbage, refuse, omit_done or an object"
        )
      }
    } else if let status = value["status"]?.intValue, (200...599).contains(status) {
      self = .status(status, retryAfter: value["retry_after"].map { $0.stringValue ?? $0.text }, error: error)
    } else if let chunks = value["cut_after"]?.intValue {
      self = .cut(afterChunks: chunks)
    } else if let chunks = value["error_after"]?.intValue {
      self = .error(afterChunks: chunks, error: error)
    } else if let chunks = value["stall_after"]?.intValue {
      self = .stall(afterChunks: chunks)
    } else if let pause = value["drip_ms"]?.intValue, (0...3_600_000).contains(pause) {
      self = .drip(every: .milliseconds(pause))
    } else if let bytes = value["endless_bytes"]?.intValue, bytes > 0 {
      self = .endless(bytes: bytes)
    } else {
      throw JSONFailure(
        message: "'fault' of \(place) needs status (200 to 599), cut_after, error_after, stall_after, drip_ms or "
          + "endless_bytes"
      )
    }
  }
}
