import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// Turns the bytes of a successful reply into events, streamed or whole, however the bytes are cut.
///
/// It takes what servers send in practice: any line ends and comments, a stream under a wrong content type, a whole
/// JSON body although a stream was asked for.
struct ReplyParser: Sendable {
  private enum Form {
    case unknown
    case stream
    case whole
  }

  private let limit: Int
  private var format: any ReplyFormat
  private var form = Form.unknown
  private var byteCount = 0
  private var body: [UInt8] = []
  private var stream: EventStreamParser
  /// The reply as far as it has come.
  private(set) var draft: ReplyDraft
  /// Why nothing more will come; the events before it have been given.
  private(set) var failure: ModelFailure?

  /// Makes a parser.
  ///
  /// - Parameters:
  ///   - format: what the parts of the reply mean.
  ///   - limit: the most bytes to take.
  ///   - secret: a key that no error may repeat.
  init(_ format: any ReplyFormat, limit: Int, secret: Secret? = nil) {
    self.format = format
    self.limit = limit
    draft = ReplyDraft(secret: secret)
    stream = EventStreamParser(maximumLineBytes: limit, maximumEventBytes: limit)
  }

  /// Takes the reply's content type; without a telling one the first letter decides what the bytes are.
  mutating func begin(contentType: String?) {
    if contentType?.lowercased().hasPrefix("text/event-stream") == true { form = .stream }
  }

  /// Whether the last event has been given.
  var isDone: Bool { draft.isDone }

  /// Takes the next bytes and gives the events that they complete; look at ``failure`` afterwards.
  mutating func push(_ bytes: [UInt8]) -> [ModelEvent] {
    collect { (parser) throws(ModelFailure) in
      parser.byteCount += bytes.count
      guard parser.byteCount <= parser.limit else {
        throw parser.draft.failure(.malformed, "the reply is longer than \(parser.limit) bytes")
      }
      if parser.form == .unknown { parser.decideForm(bytes) }
      if parser.form == .stream {
        let held = parser.body
        parser.body = []
        try parser.takeStream(held.isEmpty ? bytes : held + bytes)
      } else {
        parser.body += bytes
      }
    }
  }

  /// Takes the end of the reply and gives the last events; look at ``failure`` afterwards.
  mutating func finish() -> [ModelEvent] {
    collect { (parser) throws(ModelFailure) in
      guard parser.form == .stream else { return try parser.finishWhole() }
      // A last event without its blank line is still an event of these formats.
      try parser.takeStream([0x0A, 0x0A])
      if parser.isDone { return }
      try parser.format.endStream(into: &parser.draft)
      if parser.isDone { return }
      throw parser.draft.failure(
        .malformed,
        parser.draft.hasBegun ? "the stream ended early" : "the stream has no reply"
      )
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
    return draft.takeEvents()
  }

  private mutating func decideForm(_ bytes: [UInt8]) {
    guard let first = (body + bytes).first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return }
    form = first == UInt8(ascii: "{") ? .whole : .stream
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private mutating func takeStream(_ bytes: [UInt8]) throws(ModelFailure) {
    let events: [ServerSentEvent]
    do {
      events = try stream.push(bytes)
    } catch {
      throw draft.failure(.malformed, "\(error)")
    }
    for event in events where !isDone && !event.data.utf8.allSatisfy(Self.isSpace) {
      try format.take(event, into: &draft)
    }
  }

  private mutating func finishWhole() throws(ModelFailure) {
    guard let reply = try? JSONValue(parsing: body), reply.objectValue != nil else {
      throw draft.failure(.malformed, body.isEmpty ? "the reply is empty" : "the reply is not a JSON object")
    }
    if let error = reply["error"], !error.isNull { throw draft.failure(reported: error) }
    try format.take(whole: reply, into: &draft)
  }
}
