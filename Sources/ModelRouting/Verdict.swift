import CoachVocabulary
import LanguageModel
import Ledger

/// What an attempt came to: whether its reply can be used, and what to write into the ledger.
struct Verdict: Sendable {
  enum Conclusion: Sendable {
    case answered(ModelReply, JSONValue?)
    case invalid([String])
    case failed(ModelFailure)
  }

  let conclusion: Conclusion
  /// The text that came, complete or not.
  let text: String
  let tokens: TokenCounts
  /// How the tokens of each class are known.
  let sources: TokenClasses<UsageSource>
  /// How the tokens are known that make the bill.
  let source: UsageSource
  let outcome: AttemptOutcome

  /// Judges a result.
  ///
  /// - Parameters:
  ///   - result: what the model gave.
  ///   - request: what it was asked, for estimating tokens where the provider said nothing.
  ///   - format: the form the reply must have.
  ///   - textSoFar: what had come when it failed.
  init(
    _ result: Result<ModelReply, ModelFailure>,
    for request: ModelRequest,
    wanting format: ResponseFormat,
    textSoFar: String = ""
  ) {
    switch result {
    case .success(let reply):
      text = reply.text
      let usage = Self.usage(reply.usage, request, reply.text, reply.toolCalls)
      (tokens, sources, source) = (usage.tokens, usage.sources.map(UsageSource.init), UsageSource(usage.source))
      (conclusion, outcome) = Self.judge(reply, format)
    case .failure(let failure):
      conclusion = .failed(failure)
      outcome = AttemptOutcome(failure.kind)
      if case .cut(let whole) = failure.kind { text = whole } else { text = textSoFar }
      if failure.usage.source != .reported, failure.isUnused {
        (tokens, sources, source) = (.zero, TokenClasses(all: .unused), .unused)
      } else {
        let usage = Self.usage(failure.usage, request, text, [])
        (tokens, sources, source) = (usage.tokens, usage.sources.map(UsageSource.init), UsageSource(usage.source))
      }
    }
  }

  private static func usage(
    _ usage: ModelUsage,
    _ request: ModelRequest,
    _ text: String,
    _ calls: [ToolCall]
  ) -> ModelUsage {
    // A provider's estimate keeps what it was told of the prompt.
    usage.source == .unknown ? TokenEstimator.usage(of: request, text: text, toolCalls: calls) : usage
  }

  private static func judge(_ reply: ModelReply, _ format: ResponseFormat) -> (Conclusion, AttemptOutcome) {
    guard case .jsonSchema(name: _, let schema, strict: _) = format, reply.toolCalls.isEmpty else {
      return (.answered(reply, nil), .answered)
    }
    do {
      let json = try ModelReply.json(in: reply.text)
      let faults = try JSONSchema(schema).violations(in: json).map(\.description)
      return faults.isEmpty ? (.answered(reply, json), .answered) : (.invalid(faults), .invalid)
    } catch {
      let cause = reply.finishReason == .length ? "The reply was cut at the token limit; be shorter." : error.message
      return (.invalid([cause]), .invalid)
    }
  }
}

extension UsageSource {
  /// The ledger's word for how a count is known.
  init(_ source: ModelUsage.Source) {
    self =
      switch source {
      case .reported: .reported
      case .estimated: .estimated
      case .unknown: .unknown
      }
  }
}

extension AttemptOutcome {
  /// The ledger's word for a failure.
  init(_ kind: ModelFailure.Kind) {
    self =
      switch kind {
      case .rateLimited: .rateLimited
      case .unauthorized: .unauthorized
      case .contextTooLong: .contextTooLong
      case .refused: .refused
      case .badRequest: .badRequest
      case .notFound: .notFound
      case .serverError: .serverError
      case .connection: .connection
      case .timedOut: .timedOut
      case .cut: .cut
      case .malformed: .malformed
      case .cancelled: .cancelled
      }
  }
}
