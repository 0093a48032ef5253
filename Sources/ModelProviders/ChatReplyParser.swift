import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// Turns the bytes of a successful reply into events, streamed or whole, however the bytes are cut.
///
/// It takes what servers send in practice: any line ends and comments, `choices` that are empty or null, a missing
/// `[DONE]`, an error object inside a stream, and a whole JSON body although a stream was asked for.
struct ChatReplyParser {
  private enum Form {
    case unknown
    case stream
    case whole
  }

  private let limit: Int
  private let secret: Secret?
  private var form: Form
  private var byteCount = 0
  private var body: [UInt8] = []
  private var stream: EventStreamParser
  private var calls = ToolCallGatherer()
  private var text = ""
  private var refusal = ""
  private var finishReason: String?
  private var usage: ModelUsage?
  private var timings: ModelUsage?
  private var hasSaidAnything = false
  private var events: [ModelEvent] = []
  /// Whether the last event has been given.
  private(set) var isDone = false
  /// Why nothing more will come; the events before it have been given.
  private(set) var failure: ModelFailure?

  /// Makes a parser.
  ///
  /// - Parameters:
  ///   - contentType: the reply's content type; without a telling one the first letter decides.
  ///   - limit: the most bytes to take.
  ///   - secret: a key that no error may repeat.
  init(contentType: String?, limit: Int, secret: Secret? = nil) {
    self.limit = limit
    self.secret = secret
    let type = contentType?.lowercased() ?? ""
    form = type.contains("event-stream") ? .stream : .unknown
    stream = EventStreamParser(maximumLineBytes: limit, maximumEventBytes: limit)
  }

  /// The failure that the end of the connection means now.
  var interruption: ModelFailure.Kind? { hasSaidAnything ? .cut(textSoFar: text) : nil }

  /// What the reply has used so far, where the server said so.
  var usageSoFar: ModelUsage { usage ?? timings ?? .unknown }

  /// Takes the next bytes and gives the events that they complete; look at ``failure`` afterwards.
  mutating func push(_ bytes: [UInt8]) -> [ModelEvent] {
    collect { (parser) throws(ModelFailure) in
      parser.byteCount += bytes.count
      guard parser.byteCount <= parser.limit else {
        throw parser.failure(.malformed, "the reply is longer than \(parser.limit) bytes")
      }
      if parser.form == .unknown { parser.decideForm(bytes) }
      parser.body += bytes
      if parser.form == .stream { try parser.takeBody() }
    }
  }

  /// Takes the end of the reply and gives the last events; look at ``failure`` afterwards.
  mutating func finish() -> [ModelEvent] {
    collect { (parser) throws(ModelFailure) in
      guard parser.form == .stream else { return try parser.finishWhole() }
      // A last event without its blank line is still an event of this format.
      parser.body += [0x0A, 0x0A]
      try parser.takeBody()
      if parser.isDone { return }
      guard parser.finishReason != nil else {
        throw parser.failure(.malformed, parser.hasSaidAnything ? "the stream ended early" : "the stream is empty")
      }
      try parser.complete()
    }
  }

  /// Runs a step and hands out its events; a failure is kept, so that the events before it are not lost.
  private mutating func collect(_ step: (inout Self) throws(ModelFailure) -> Void) -> [ModelEvent] {
    guard !isDone, failure == nil else { return [] }
    do throws(ModelFailure) {
      try step(&self)
    } catch {
      failure = error
    }
    defer { events = [] }
    return events
  }

  private mutating func decideForm(_ bytes: [UInt8]) {
    guard let first = (body + bytes).first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return }
    form = first == UInt8(ascii: "{") ? .whole : .stream
  }

  // MARK: Streamed

  private mutating func takeBody() throws(ModelFailure) {
    let bytes = body
    body = []
    let chunks: [ServerSentEvent]
    do {
      chunks = try stream.push(bytes)
    } catch {
      throw failure(.malformed, "\(error)")
    }
    for chunk in chunks where !isDone {
      if chunk.data.allSatisfy(\.isWhitespace) { continue }
      if chunk.data.drop(while: \.isWhitespace).hasPrefix("[DONE]") {
        try complete()
      } else {
        try takeChunk(chunk.data)
      }
    }
  }

  private mutating func takeChunk(_ data: String) throws(ModelFailure) {
    guard let chunk = try? JSONValue(parsing: data), chunk.objectValue != nil else {
      throw failure(.malformed, "a chunk is not a JSON object")
    }
    if let error = chunk["error"], !error.isNull { throw reported(error) }
    takeUsage(chunk)
    guard let choice = firstChoice(chunk) else { return }
    finishReason = choice["finish_reason"]?.stringValue ?? finishReason
    takeDelta(choice["delta"] ?? .null)
  }

  private mutating func takeDelta(_ delta: JSONValue) {
    if let piece = delta["refusal"]?.stringValue { refusal += piece }
    let pieces = delta["tool_calls"]?.arrayValue ?? []
    if !pieces.isEmpty { hasSaidAnything = true }
    for (position, piece) in pieces.enumerated() { calls.add(piece, at: position) }
    guard let piece = delta["content"]?.stringValue, !piece.isEmpty else { return }
    hasSaidAnything = true
    text += piece
    events.append(.text(piece))
  }

  // MARK: Whole

  private mutating func finishWhole() throws(ModelFailure) {
    guard let reply = try? JSONValue(parsing: body), reply.objectValue != nil else {
      throw failure(.malformed, body.isEmpty ? "the reply is empty" : "the reply is not a JSON object")
    }
    if let error = reply["error"], !error.isNull { throw reported(error) }
    takeUsage(reply)
    guard let choice = firstChoice(reply) else { throw failure(.malformed, "the reply has no choices") }
    finishReason = choice["finish_reason"]?.stringValue
    takeDelta(choice["message"] ?? .null)
    try complete()
  }

  // MARK: Both

  /// Several choices are never asked for; a server that sends them anyway counts from 0.
  private func firstChoice(_ chunk: JSONValue) -> JSONValue? {
    chunk["choices"]?.arrayValue?.first { ($0["index"]?.intValue ?? 0) == 0 }
  }

  private mutating func takeUsage(_ chunk: JSONValue) {
    // Counts are totals, so the last ones replace those before.
    usage = ChatUsage.read(chunk["usage"]) ?? usage
    timings = ChatUsage.readTimings(chunk["timings"]) ?? timings
  }

  private mutating func complete() throws(ModelFailure) {
    if !refusal.isEmpty { throw ModelFailure(.refused, usage: usageSoFar) }
    let toolCalls = calls.calls
    let reason = reason(hasTools: !toolCalls.isEmpty)
    if reason == .contentFilter, !hasSaidAnything {
      throw ModelFailure(.refused, detail: "content filter", usage: usageSoFar)
    }
    if finishReason == nil, !hasSaidAnything { throw failure(.malformed, "the reply is empty") }
    isDone = true
    events += toolCalls.map(ModelEvent.toolCall) + [.finished(reason, usageSoFar)]
  }

  private func reason(hasTools: Bool) -> FinishReason {
    switch finishReason {
    // Some servers say "stop" although they ask for tools.
    case "stop": hasTools ? .toolCalls : .stop
    case "tool_calls", "function_call": .toolCalls
    case "length": .length
    case "content_filter": .contentFilter
    default: hasTools ? .toolCalls : .other
    }
  }

  private func reported(_ error: JSONValue) -> ModelFailure {
    let report = ChatErrorReport(error, hiding: secret)
    return failure(report.kind(status: report.status ?? 500), report.detail)
  }

  /// A failure that became known after the reply began: what came so far is kept.
  private func failure(_ kind: ModelFailure.Kind, _ detail: String) -> ModelFailure {
    ModelFailure(interruption ?? kind, detail: detail, usage: usageSoFar)
  }
}

/// Puts together tool calls whose parts come in pieces.
private struct ToolCallGatherer {
  private var parts: [(index: Int, id: String, name: String, arguments: String)] = []

  /// Adds a piece; a server that leaves `index` out is taken at the piece's position, or at its new identifier.
  mutating func add(_ piece: JSONValue, at position: Int) {
    let id = piece["id"]?.stringValue ?? ""
    let place = place(of: piece["index"]?.intValue, id: id, position: position)
    if parts[place].id.isEmpty { parts[place].id = id }
    if let name = piece["function"]?["name"]?.stringValue, parts[place].name.isEmpty { parts[place].name = name }
    switch piece["function"]?["arguments"] {
    case .string(let text)?: parts[place].arguments += text
    case .object(let members)?: parts[place].arguments = JSONValue.object(members).text
    default: break
    }
  }

  /// The calls in their order; a call without an identifier gets one.
  var calls: [ToolCall] {
    parts.filter { !$0.name.isEmpty }.enumerated().map { position, part in
      ToolCall(id: part.id.isEmpty ? "call_\(position)" : part.id, name: part.name, argumentsText: part.arguments)
    }
  }

  private mutating func place(of index: Int?, id: String, position: Int) -> Int {
    if let index, let known = parts.firstIndex(where: { $0.index == index }) { return known }
    if index == nil {
      if !id.isEmpty, let known = parts.firstIndex(where: { $0.id == id }) { return known }
      if id.isEmpty, !parts.isEmpty { return min(position, parts.count - 1) }
    }
    parts.append((index ?? parts.count, "", "", ""))
    return parts.count - 1
  }
}
