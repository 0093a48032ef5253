import ConcurrencyKit
public import LanguageModel

/// A model in memory that plays prepared answers, one for each request, and remembers what it was asked.
public final class ScriptedModel: LanguageModel {
  /// One prepared answer.
  public enum Answer: Sendable {
    /// A whole text, in pieces of a few letters.
    case text(String, usage: ModelUsage = .unknown)
    /// These events, and the failure after them where there is one.
    case events([ModelEvent], failure: ModelFailure? = nil)
    /// A failure before anything came.
    case failure(ModelFailure)
    /// These pieces of text, then silence until the caller gives up.
    case silence(after: [String] = [])
  }

  private struct State {
    var answers: [Answer]
    var requests: [ModelRequest] = []
  }

  private let repeatsLast: Bool
  private let state: Locked<State>

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - answers: what to play, in order.
  ///   - repeatsLast: whether the last answer is played for ever; else a further request fails as malformed.
  public init(_ answers: [Answer], repeatsLast: Bool = false) {
    self.repeatsLast = repeatsLast
    state = Locked(State(answers: answers))
  }

  /// What the model was asked so far, in order.
  public var requests: [ModelRequest] { state.withLock { $0.requests } }

  /// Plays the next answer.
  public func events(for request: ModelRequest) -> ModelEventStream {
    ModelEventStream { [self] in producer(take(request)) }
  }

  private func take(_ request: ModelRequest) -> Answer {
    state.withLock { state in
      state.requests.append(request)
      guard let answer = state.answers.first else {
        return .failure(ModelFailure(.malformed, detail: "the script has no answer left"))
      }
      if state.answers.count > 1 || !repeatsLast { state.answers.removeFirst() }
      return answer
    }
  }

  private func producer(_ answer: Answer) -> ModelEventStream.Producer {
    switch answer {
    case .text(let text, let usage):
      return Self.play(Self.pieces(of: text).map(ModelEvent.text) + [.finished(.stop, usage)], then: nil)
    case .events(let events, let failure): return Self.play(events, then: failure)
    case .failure(let failure): return Self.play([], then: failure)
    case .silence(let pieces): return Self.fallSilent(after: pieces)
    }
  }

  private static func play(_ events: [ModelEvent], then failure: ModelFailure?) -> ModelEventStream.Producer {
    var rest = events[...]
    return { () async throws(ModelFailure) in
      if let event = rest.popFirst() { return event }
      if let failure { throw failure }
      return nil
    }
  }

  private static func fallSilent(after pieces: [String]) -> ModelEventStream.Producer {
    var rest = pieces[...]
    return { () async throws(ModelFailure) in
      if let piece = rest.popFirst() { return .text(piece) }
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
      throw ModelFailure(.cancelled)
    }
  }

  private static func pieces(of text: String) -> [String] {
    var rest = text[...]
    var pieces: [String] = []
    while !rest.isEmpty {
      pieces.append(String(rest.prefix(8)))
      rest = rest.dropFirst(8)
    }
    return pieces
  }
}
