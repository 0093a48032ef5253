import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// What to send to a provider and how to read what comes back.
struct ProviderCall: Sendable {
  /// The request on the wire.
  var request: HTTPRequest
  /// What the parts of the reply mean.
  var format: any ReplyFormat
  /// The longest reply to accept, in bytes.
  var maximumReplyBytes: Int
  /// The key, which no failure may repeat.
  var secret: Secret?
}

/// One request and its reply, read piece by piece.
///
/// The usage that the last event or a failure carries is the provider's, or else estimated and marked so.
final class ReplyExchange {
  private let request: ModelRequest
  private let call: ProviderCall
  private let transport: any HTTPTransport
  private var hasSent = false
  private var parser: ReplyParser
  private var body: HTTPBody.Iterator?
  private var pending: ArraySlice<ModelEvent> = []
  private var toolCalls: [ToolCall] = []

  init(of request: ModelRequest, as call: ProviderCall, over transport: any HTTPTransport) {
    self.request = request
    self.call = call
    self.transport = transport
    parser = ReplyParser(call.format, limit: call.maximumReplyBytes, secret: call.secret)
  }

  /// The next event, or nil after the last.
  func next() async throws(ModelFailure) -> ModelEvent? {
    if !hasSent { try await send() }
    while pending.isEmpty {
      guard try await read() else { return nil }
    }
    switch pending.removeFirst() {
    case .finished(let reason, _): return .finished(reason, usage)
    case .toolCall(let call):
      toolCalls.append(call)
      return .toolCall(call)
    case .text(let piece): return .text(piece)
    }
  }

  private func send() async throws(ModelFailure) {
    hasSent = true
    let response: HTTPResponse
    do {
      response = try await transport.stream(call.request)
    } catch {
      throw settled(ProviderFailure.of(error))
    }
    guard (200..<300).contains(response.status) else {
      throw await ProviderFailure.refusal(response, hiding: call.secret)
    }
    parser.begin(contentType: response.headers["content-type"])
    body = response.body.makeAsyncIterator()
  }

  /// Reads the next piece; false when nothing can follow.
  private func read() async throws(ModelFailure) -> Bool {
    if let failure = parser.failure { throw settled(failure) }
    guard var body else { return false }
    let chunk: [UInt8]?
    do {
      chunk = try await body.next()
    } catch {
      throw settled(ProviderFailure.of(error, interruption: parser.draft.interruption))
    }
    pending = if let chunk { parser.push(chunk)[...] } else { parser.finish()[...] }
    self.body = parser.isDone ? nil : body
    // The end of the body, which mostly is there already, frees the connection for the next request.
    if parser.isDone, chunk != nil { body.discardRest(within: .seconds(1)) }
    return !parser.isDone || !pending.isEmpty
  }

  // MARK: Usage

  private var usage: ModelUsage {
    parser.draft.usage.completed(for: request, text: parser.draft.text, toolCalls: toolCalls)
  }

  /// The failure with what was used until then, where anything can have been.
  private func settled(_ failure: ModelFailure) -> ModelFailure {
    guard failure.usage.source == .unknown, !failure.isUnused else { return failure }
    var settled = failure
    settled.usage = usage
    return settled
  }
}
