import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import HTTPClientKit
import LanguageModel

/// One request and its reply, read piece by piece.
final class ChatExchange {
  private static let errorBodyLimit = 64 << 10

  private let request: ModelRequest
  private let configuration: OpenAIChatModel.Configuration
  private let client: HTTPClient
  private var parser: ChatReplyParser?
  private var body: HTTPBody.Iterator?
  private var pending: [ModelEvent] = []

  init(of request: ModelRequest, with configuration: OpenAIChatModel.Configuration, over client: HTTPClient) {
    self.request = request
    self.configuration = configuration
    self.client = client
  }

  /// The next event, or nil after the last.
  func next() async throws(ModelFailure) -> ModelEvent? {
    if parser == nil { try await send() }
    while pending.isEmpty {
      guard try await read() else { return nil }
    }
    return pending.removeFirst()
  }

  private func send() async throws(ModelFailure) {
    let response: HTTPResponse
    do {
      response = try await client.stream(wireRequest)
    } catch {
      throw Self.failure(error, interruption: nil, usage: .unknown)
    }
    guard (200..<300).contains(response.status) else { throw await refusal(response) }
    parser = ChatReplyParser(
      contentType: response.headers["content-type"],
      limit: configuration.maximumReplyBytes,
      secret: configuration.apiKey
    )
    body = response.body.makeAsyncIterator()
  }

  /// Reads the next piece; false when nothing can follow.
  private func read() async throws(ModelFailure) -> Bool {
    guard var parser, var body, !parser.isDone else { return false }
    if let failure = parser.failure { throw failure }
    let chunk: [UInt8]?
    do {
      chunk = try await body.next()
    } catch {
      throw Self.failure(error, interruption: parser.interruption, usage: parser.usageSoFar)
    }
    defer { self.parser = parser }
    pending = if let chunk { parser.push(chunk) } else { parser.finish() }
    self.body = parser.isDone ? nil : body
    if parser.isDone, chunk != nil { Self.drain(body) }
    return !parser.isDone || !pending.isEmpty
  }

  /// Reads on to the end of the body, which mostly is there already, so that the connection can be used again.
  private static func drain(_ body: HTTPBody.Iterator) {
    nonisolated(unsafe) let rest = body  // the exchange has forgotten the iterator: only the task below uses it
    Task {
      try? await withDeadline(after: .seconds(1)) {
        var rest = rest
        while try await rest.next() != nil {}
      }
    }
  }

  private var wireRequest: HTTPRequest {
    var headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream, application/json")]
    if let key = configuration.apiKey { headers.append(("Authorization", "Bearer \(key.reveal())")) }
    return HTTPRequest(
      method: "POST",
      url: configuration.url.text,
      headers: headers,
      body: Array(ChatRequestBody.json(of: request, with: configuration).text.utf8),
      limits: configuration.limits
    )
  }

  private func refusal(_ response: HTTPResponse) async -> ModelFailure {
    var body: [UInt8] = []
    // A body that cannot be read whole still has a status, and the status is enough.
    do {
      for try await chunk in response.body where body.count < Self.errorBodyLimit { body += chunk }
    } catch {
      if error.kind == .cancelled { return ModelFailure(.cancelled) }
    }
    let report = ChatErrorReport(body: body, hiding: configuration.apiKey)
    let pause = RetryAfter.read(response.headers, now: Date())
    let detail = ["status \(response.status)", report.detail].filter { !$0.isEmpty }.joined(separator: ", ")
    return ModelFailure(report.kind(status: response.status, retryAfter: pause), detail: detail)
  }

  private static func failure(
    _ failure: HTTPFailure,
    interruption: ModelFailure.Kind?,
    usage: ModelUsage
  ) -> ModelFailure {
    if failure.kind == .cancelled { return ModelFailure(.cancelled, usage: usage) }
    let kind: ModelFailure.Kind =
      switch failure.kind {
      case .connectionRefused: .connection(.refused)
      case .couldNotResolve: .connection(.unknownHost)
      case .tls: .connection(.insecure)
      case .connectTimeout: .timedOut(.connect)
      case .firstByteTimeout: .timedOut(.firstToken)
      case .idleTimeout: .timedOut(.idle)
      case .totalTimeout: .timedOut(.total)
      case .connectionLost: .connection(.lost)
      case .bodyTooLarge, .headTooLarge: .malformed
      case .addressRefused, .malformedURL, .malformedRequest: .badRequest
      case .cancelled, .closed, .other: .connection(.other)
      }
    return ModelFailure(interruption ?? kind, detail: failure.detail, usage: usage)
  }
}
