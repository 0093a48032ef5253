import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// What the parts of a provider's reply mean; ``ReplyParser`` has found the parts in the bytes.
protocol ReplyFormat: Sendable {
  /// Takes one event of a stream.
  mutating func take(_ event: ServerSentEvent, into draft: inout ReplyDraft) throws(ModelFailure)
  /// Takes a reply that came in one piece.
  mutating func take(whole body: JSONValue, into draft: inout ReplyDraft) throws(ModelFailure)
  /// Takes the end of a stream that did not say that it ends; completes the draft, or leaves it open if it cannot.
  mutating func endStream(into draft: inout ReplyDraft) throws(ModelFailure)
}

/// A reply as far as it has come.
struct ReplyDraft: Sendable {
  /// A key that no error may repeat.
  let secret: Secret?
  /// The text so far.
  private(set) var text = ""
  /// Whether a piece of the reply has come, be it text or the beginning of a tool call.
  private(set) var hasBegun = false
  /// The events that were not fetched yet.
  private var events: [ModelEvent] = []
  /// Token counts as the provider gave them.
  var usage = ReportedUsage.none
  /// Whether the last event was given.
  private(set) var isDone = false

  init(secret: Secret?) { self.secret = secret }

  /// Adds a piece of text.
  mutating func add(text piece: String) {
    guard !piece.isEmpty else { return }
    hasBegun = true
    text += piece
    events.append(.text(piece))
  }

  /// Notes that a tool call has begun.
  mutating func beginToolCall() { hasBegun = true }

  /// Adds a complete tool call.
  mutating func add(_ call: ToolCall) {
    hasBegun = true
    events.append(.toolCall(call))
  }

  /// Ends the reply well.
  mutating func complete(_ reason: FinishReason) {
    isDone = true
    events.append(.finished(reason, usage.known))
  }

  /// The events since the last time.
  mutating func takeEvents() -> [ModelEvent] {
    defer { events = [] }
    return events
  }

  /// The failure that the end of the connection means now.
  var interruption: ModelFailure.Kind? { hasBegun ? .cut(textSoFar: text) : nil }

  /// A failure that became known after the reply began: what came so far is kept.
  func failure(_ kind: ModelFailure.Kind, _ detail: String) -> ModelFailure {
    ModelFailure(interruption ?? kind, detail: detail, usage: usage.known)
  }

  /// The failure that an error object in the reply stands for.
  func failure(reported error: JSONValue) -> ModelFailure {
    let report = ErrorReport(error, hiding: secret)
    return failure(report.kind(status: report.status), report.detail)
  }
}

/// Token counts that a provider gave, and how far they go.
enum ReportedUsage: Hashable, Sendable {
  /// It gave none.
  case none
  /// It gave those of the prompt; what it said of the output is only where it stood then.
  case prompt(ModelUsage)
  /// It gave all.
  case all(ModelUsage)

  /// What a reply that ends here has used for certain.
  var known: ModelUsage {
    if case .all(let usage) = self { return usage }
    return .unknown
  }

  /// What a reply has used: reported where the provider gave all, else estimated from the request and what came.
  ///
  /// Counts that the provider gave are kept, and the output is never below what it had counted.
  func completed(for request: ModelRequest, text: String, toolCalls: [ToolCall]) -> ModelUsage {
    if case .all(let usage) = self { return usage }
    let estimate = TokenEstimator.usage(of: request, text: text, toolCalls: toolCalls)
    guard case .prompt(var usage) = self else { return estimate }
    usage.tokens.output = max(usage.tokens.output, estimate.tokens.output)
    usage.sources.output = .estimated
    usage.sources.reasoning = .unknown
    return usage
  }
}

extension ModelUsage.Source {
  /// How a count is known that a provider may leave out.
  static func ofOptional(_ count: Int?) -> Self { count == nil ? .unknown : .reported }
}
