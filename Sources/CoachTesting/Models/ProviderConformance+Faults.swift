import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// Pieces of a format to build faulty streams from.
struct ProviderFaults: Sendable {
  /// The beginning of a stream, up to the text `half`.
  let beginning: String
  /// The tokens of the prompt that the beginning reports; nil when it reports none.
  let reportedPrompt: Int?
  /// A stream that says only that the model declines.
  let refusal: String
  /// An event of the format with a piece of text.
  let piece: String
  /// Errors inside a stream, with the failure that each is when nothing came before it.
  let errors: [(event: String, kind: ModelFailure.Kind)]
  /// Bodies of error responses, with their status and the failure that each is.
  let statuses: [(status: Int, body: String, kind: ModelFailure.Kind)]

  init(_ format: WireFormat) {
    switch format {
    case .chatCompletions: self = .chatCompletions
    case .messages: self = .messages
    }
  }

  private init(
    beginning: String,
    reportedPrompt: Int?,
    refusal: String,
    piece: String,
    errors: [(event: String, kind: ModelFailure.Kind)],
    statuses: [(status: Int, body: String, kind: ModelFailure.Kind)]
  ) {
    self.beginning = beginning
    self.reportedPrompt = reportedPrompt
    self.refusal = refusal
    self.piece = piece
    self.errors = errors
    self.statuses = statuses
  }

  private static let pause = Duration.seconds(3)

  private static var chatCompletions: ProviderFaults {
    func error(_ members: String) -> String { "data: {\"error\":\(members)}\n\n" }
    let piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"},\"finish_reason\":null}]}\n\n"
    return ProviderFaults(
      beginning: "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n" + piece,
      reportedPrompt: nil,
      refusal: "data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't.\"},\"finish_reason\":\"stop\"}]}\n\n",
      piece: piece,
      errors: [
        (error(#"{"message":"boom","type":"server_error","code":503}"#), .serverError(status: 503)),
        (error(#"{"message":"boom","type":"server_error"}"#), .serverError(status: 500)),
        (error(#"{"message":"m","code":"rate_limit_exceeded"}"#), .rateLimited(retryAfter: nil)),
        (error(#"{"message":"m","code":"context_length_exceeded"}"#), .contextTooLong),
        (error(#"{"message":"m","code":"invalid_api_key"}"#), .unauthorized),
        (error(#""out of memory""#), .serverError(status: 500)),
      ],
      statuses: [
        (400, #"{"error":{"message":"no","type":"invalid_request_error"}}"#, .badRequest),
        (400, #"{"error":{"message":"m","code":"context_length_exceeded"}}"#, .contextTooLong),
        (400, #"{"error":{"message":"Maximum context length is 8192 tokens.","type":"x"}}"#, .contextTooLong),
        (400, #"{"error":{"message":"m","code":"content_filter"}}"#, .refused),
        (401, #"{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}"#, .unauthorized),
        (403, "forbidden", .unauthorized), (404, #"{"error":{"message":"no such model"}}"#, .notFound),
        (408, "", .timedOut(.total)), (429, #"[{"error":{"code":429}}]"#, .rateLimited(retryAfter: pause)),
        (500, "", .serverError(status: 500, retryAfter: pause)),
        (503, "<html>", .serverError(status: 503, retryAfter: pause)),
      ]
    )
  }

  private static var messages: ProviderFaults {
    func event(_ type: String, _ members: String) -> String {
      "event: \(type)\ndata: {\"type\":\"\(type)\",\(members)}\n\n"
    }
    func body(_ type: String, _ message: String = "m") -> String {
      "{\"type\":\"error\",\"error\":{\"type\":\"\(type)\",\"message\":\"\(message)\"},\"request_id\":\"req_1\"}"
    }
    func error(_ type: String) -> String { "event: error\ndata: \(body(type))\n\n" }
    let start = event("message_start", #""message":{"usage":{"input_tokens":25,"output_tokens":1}}"#)
    let piece = event("content_block_delta", #""index":0,"delta":{"type":"text_delta","text":"half"}"#)
    return ProviderFaults(
      beginning: start + piece,
      reportedPrompt: 25,
      refusal: start + event("message_delta", #""delta":{"stop_reason":"refusal"},"usage":{"output_tokens":1}"#)
        + event("message_stop", #""x":0"#),
      piece: piece,
      errors: [
        (error("overloaded_error"), .serverError(status: 529)), (error("api_error"), .serverError(status: 500)),
        (error("rate_limit_error"), .rateLimited(retryAfter: nil)), (error("timeout_error"), .serverError(status: 504)),
        (error("authentication_error"), .unauthorized), (error("invalid_request_error"), .badRequest),
      ],
      statuses: [
        (400, body("invalid_request_error"), .badRequest),
        (400, body("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), .contextTooLong),
        (401, body("authentication_error"), .unauthorized), (402, body("billing_error"), .unauthorized),
        (403, body("permission_error"), .unauthorized), (404, body("not_found_error"), .notFound),
        (413, body("request_too_large"), .contextTooLong),
        (429, body("rate_limit_error"), .rateLimited(retryAfter: pause)),
        (500, body("api_error"), .serverError(status: 500, retryAfter: pause)),
        (529, body("overloaded_error"), .serverError(status: 529, retryAfter: pause)),
        (503, "<html>", .serverError(status: 503, retryAfter: pause)),
      ]
    )
  }
}

extension ProviderConformance {
  private static let request = ModelRequest(messages: [.system("You count."), .user("How many cars, please?")])

  static func faults(_ faults: ProviderFaults, _ format: WireFormat) -> [ProviderConformance] {
    brokenStreams(faults, format) + refusals(faults, format) + limits(faults, format)
  }

  private static func play(
    _ make: Maker,
    _ body: String,
    status: Int = 200,
    headers: [(String, String)] = [("Content-Type", "text/event-stream")],
    failure: HTTPFailure? = nil
  ) async -> PlayedReply {
    let bytes = Array(body.utf8)
    let chunks = stride(from: 0, to: bytes.count, by: 16 << 10).map {
      Array(bytes[$0..<min(bytes.count, $0 + (16 << 10))])
    }
    let transport = RecordedTransport(status: status, headers: HTTPHeaders(headers), chunks: chunks, failure: failure)
    return await PlayedReply.of(make(transport), to: request)
  }

  private static func expect(
    _ played: PlayedReply,
    _ kind: ModelFailure.Kind,
    _ what: String
  ) throws(ConformanceFailure) {
    guard played.failure?.kind != kind else { return }
    throw ConformanceFailure(
      description: "\(what): expected \(kind), found \(played.failure.map { "\($0.kind)" } ?? "\(played.events)")"
    )
  }

  // MARK: Streams that break

  private static func brokenStreams(_ faults: ProviderFaults, _ format: WireFormat) -> [ProviderConformance] {
    let half = ModelFailure.Kind.cut(textSoFar: "half")
    return [
      ProviderConformance("an error inside a stream of status 200 is told apart by its codes", format) { make in
        for (event, kind) in faults.errors { try expect(await play(make, event), kind, event) }
      },
      ProviderConformance("an error after text keeps the text", format) { make in
        for (event, _) in faults.errors { try expect(await play(make, faults.beginning + event), half, event) }
      },
      ProviderConformance("garbage is malformed, and after text it cuts the reply", format) { make in
        for garbage in ["data: {\"choices\": [{\"delta\"\n\n", "data: 7\n\n", "data: \u{0}\u{1}\n\n", "data: [1]\n\n"] {
          try expect(await play(make, garbage), .malformed, garbage)
          try expect(await play(make, faults.beginning + garbage), half, garbage)
        }
      },
      ProviderConformance("what is no reply is malformed", format) { make in
        for body in ["", "\n\n", ": ping\n\n", "<html>busy</html>", "{}", "{\"object\"", "data: {}\n\n"] {
          try expect(await play(make, body), .malformed, body)
          try expect(await play(make, body, headers: []), .malformed, body)
        }
      },
      ProviderConformance("a stream that stops without a reason is cut", format) { make in
        try expect(await play(make, faults.beginning), half, "end of body")
      },
      ProviderConformance("a connection that is lost after text cuts the reply", format) { make in
        for kind in [HTTPFailure.Kind.connectionLost, .idleTimeout, .totalTimeout, .bodyTooLarge] {
          let failure = HTTPFailure(kind, "test")
          try expect(await play(make, faults.beginning, failure: failure), half, kind.rawValue)
        }
      },
      ProviderConformance("what a broken reply has used is estimated and marked", format) { make in
        let usage = await play(make, faults.beginning).failure?.usage
        let estimated = TokenEstimator.usage(of: request, text: "half").tokens
        let tokens = TokenCounts(input: faults.reportedPrompt ?? estimated.input, output: estimated.output)
        let input: ModelUsage.Source = faults.reportedPrompt == nil ? .estimated : .reported
        guard let usage, usage.tokens == tokens, usage.source == .estimated, usage.sources.input == input,
          usage.sources.output == .estimated
        else {
          throw ConformanceFailure(description: "expected \(tokens), estimated; found \(String(describing: usage))")
        }
      },
    ]
  }

  // MARK: Refusals

  private static func refusals(_ faults: ProviderFaults, _ format: WireFormat) -> [ProviderConformance] {
    [
      ProviderConformance("an error response is told apart by its status and codes", format) { make in
        for (status, body, kind) in faults.statuses {
          let played = await play(make, body, status: status, headers: [("Retry-After", "3")])
          try expect(played, kind, "\(status) \(body)")
        }
      },
      ProviderConformance("a model that declines is told apart from one that fails", format) { make in
        try expect(await play(make, faults.refusal), .refused, "refusal")
      },
      ProviderConformance("a failure before the reply is typed", format) { make in
        let kinds: [(HTTPFailure.Kind, ModelFailure.Kind)] = [
          (.connectionRefused, .connection(.refused)), (.couldNotResolve, .connection(.unknownHost)),
          (.tls, .connection(.insecure)), (.connectTimeout, .timedOut(.connect)),
          (.firstByteTimeout, .timedOut(.firstToken)), (.connectionLost, .connection(.lost)),
          (.addressRefused, .badRequest), (.cancelled, .cancelled),
        ]
        for (kind, expected) in kinds {
          try expect(await play(make, "", failure: HTTPFailure(kind, "test")), expected, kind.rawValue)
        }
      },
      ProviderConformance("the key is in one header and in no failure", format) { make in
        let transport = RecordedTransport(status: 401, chunks: [Array("{\"error\":{\"type\":\"\(key)\"}}".utf8)])
        let played = await PlayedReply.of(make(transport), to: request)
        guard let sent = transport.requests.first else { throw ConformanceFailure(description: "nothing was sent") }
        let carriers = sent.headers.filter { $0.1.contains(key) }.count
        let body = String(decoding: sent.body ?? [], as: UTF8.self)
        guard carriers == 1, !sent.url.contains(key), !body.contains(key),
          played.failure?.description.contains(key) == false
        else { throw ConformanceFailure(description: "the key is in \(carriers) headers, or elsewhere") }
      },
    ]
  }

  // MARK: Limits

  private static func limits(_ faults: ProviderFaults, _ format: WireFormat) -> [ProviderConformance] {
    [
      ProviderConformance("a reply beyond the limit of 1 MiB is given up", format) { make in
        let pieces = (1 << 20) / faults.piece.utf8.count + 2
        let long = faults.beginning + String(repeating: faults.piece, count: pieces)
        let played = await play(make, long)
        guard case .cut? = played.failure?.kind, played.text.count < 4 * (pieces + 1) else {
          throw ConformanceFailure(description: "found \(played.failure?.detail ?? "no failure") after all of the text")
        }
        try expect(await play(make, "data: " + String(repeating: "x", count: 2 << 20)), .malformed, "an endless line")
      }
    ]
  }
}
