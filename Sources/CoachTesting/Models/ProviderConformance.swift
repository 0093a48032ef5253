import CoachVocabulary
public import HTTPClientKit
public import LanguageModel

/// What a model behind a provider's wire format must do with everything that servers send.
///
/// Run all checks of a format as a parameterised test. No network is needed: each check plays recorded exchanges or
/// faults, cut and changed in its own way.
public struct ProviderConformance: Sendable, CustomStringConvertible {
  /// Makes the model under test: it must be talked to over the transport and hold the key ``key``.
  public typealias Maker = @Sendable (any HTTPTransport) -> any LanguageModel

  /// The key that the model under test must hold.
  public static let key = "sk-conformance-1234567890"

  /// What the model must do, as a sentence.
  public let sentence: String
  /// The format that the check speaks.
  public let format: WireFormat
  private let body: @Sendable (Maker) async throws -> Void

  init(_ sentence: String, _ format: WireFormat, _ body: @escaping @Sendable (Maker) async throws -> Void) {
    self.sentence = sentence
    self.format = format
    self.body = body
  }

  /// The format and the sentence.
  public var description: String { "\(format.rawValue): \(sentence)" }

  /// Puts a model to this check.
  ///
  /// - Throws: ``ConformanceFailure`` that says what was expected.
  public func check(_ make: @escaping Maker) async throws { try await body(make) }

  /// Every check of a format.
  public static func all(of format: WireFormat) -> [ProviderConformance] {
    cuts(format) + changes(format) + faults(ProviderFaults(format), format)
  }
}

// MARK: - Playing

/// What came of one exchange.
struct PlayedReply {
  var events: [ModelEvent] = []
  var failure: ModelFailure?

  var text: String {
    events.reduce(into: "") { text, event in
      if case .text(let piece) = event { text += piece }
    }
  }

  /// Reads everything that a model answers.
  static func of(_ model: any LanguageModel, to request: ModelRequest) async -> PlayedReply {
    var played = PlayedReply()
    do throws(ModelFailure) {
      for try await event in model.events(for: request) { played.events.append(event) }
    } catch {
      played.failure = error
    }
    return played
  }

  /// The reply, when it ended well with exactly one last event.
  var reply: ModelReply? {
    var builder = ModelReply.Builder()
    for event in events { builder.add(event) }
    let endings = events.count { event in
      if case .finished = event { true } else { false }
    }
    return failure == nil && endings == 1 ? try? builder.reply() : nil
  }
}

extension RecordedExchange {
  /// Plays the exchange with its body in these pieces.
  func play(_ make: ProviderConformance.Maker, _ pieces: [[UInt8]], failure: HTTPFailure? = nil) async -> PlayedReply {
    let headers = HTTPHeaders(contentType.map { [("Content-Type", $0)] } ?? [])
    let transport = RecordedTransport(headers: headers, chunks: pieces, failure: failure)
    return await PlayedReply.of(make(transport), to: request)
  }

  /// Plays the exchange and expects what it means.
  func expect(_ make: ProviderConformance.Maker, _ pieces: [[UInt8]], _ how: String) async throws(ConformanceFailure) {
    let played = await play(make, pieces)
    guard played.reply != reply else { return }
    throw ConformanceFailure(
      description:
        "'\(name)' \(how): expected \(reply), found \(played.events), failure \(played.failure.map(\.description) ?? "none")"
    )
  }

  var bytes: [UInt8] { Array(body.utf8) }

  /// The same exchange with another body.
  func with(body: String) -> RecordedExchange {
    var copy = self
    copy.body = body
    return copy
  }
}

// MARK: - However the bytes are cut

extension ProviderConformance {
  private static func cuts(_ format: WireFormat) -> [ProviderConformance] {
    let exchanges = RecordedExchange.all(of: format)
    return [
      ProviderConformance("a reply means what its format says", format) { make in
        for one in exchanges { try await one.expect(make, [one.bytes], "in one piece") }
      },
      ProviderConformance("a reply means the same byte by byte", format) { make in
        for one in exchanges { try await one.expect(make, one.bytes.map { [$0] }, "byte by byte") }
      },
      ProviderConformance("a reply means the same wherever it is cut in two", format) { make in
        for one in exchanges {
          let bytes = one.bytes
          for place in places(in: bytes.count) {
            try await one.expect(make, [Array(bytes[..<place]), Array(bytes[place...])], "cut at byte \(place)")
          }
        }
      },
      ProviderConformance("a reply that ends early is never taken for another one", format) { make in
        for one in exchanges {
          for place in places(in: one.bytes.count) { try await checkTruncation(of: one, at: place, make) }
        }
      },
    ]
  }

  /// Places to cut at: the ends and about twenty in between; all of them are in the check byte by byte.
  private static func places(in count: Int) -> [Int] {
    Array(Set(stride(from: 0, through: count, by: max(1, count / 20))).union([1, 2, count - 1, count - 2])).sorted()
      .filter { (0...count).contains($0) }
  }

  /// Once the reason for stopping has come, only counts can still be missing.
  private static func checkTruncation(
    of exchange: RecordedExchange,
    at place: Int,
    _ make: Maker
  ) async throws(ConformanceFailure) {
    let played = await exchange.play(make, [Array(exchange.bytes[..<place])])
    if var reply = played.reply {
      reply.usage = exchange.reply.usage
      if reply == exchange.reply { return }
    } else if let failure = played.failure, played.text.isEmpty || failure.kind == .cut(textSoFar: played.text) {
      if exchange.reply.text.hasPrefix(played.text) { return }
    }
    throw ConformanceFailure(
      description:
        "'\(exchange.name)' ending at byte \(place): found \(played.events), failure \(String(describing: played.failure))"
    )
  }
}

// MARK: - However it is written

extension ProviderConformance {
  private static func changes(_ format: WireFormat) -> [ProviderConformance] {
    let streams = RecordedExchange.all(of: format).filter { $0.isStream && !$0.body.utf8.contains(0x0D) }
    func changed(_ sentence: String, _ change: @escaping @Sendable (String) -> String) -> ProviderConformance {
      ProviderConformance(sentence, format) { make in
        for one in streams {
          let other = one.with(body: change(one.body))
          try await other.expect(make, [other.bytes], "changed")
          try await other.expect(make, pieces(of: other.bytes), "changed, in pieces of seven bytes")
        }
      }
    }
    return [
      changed("lines may end in CR and LF") { replace("\n", in: $0, by: "\r\n") },
      changed("lines may end in CR") { replace("\n", in: $0, by: "\r") },
      changed("comments may stand between events and lines") {
        ": hello\n\n" + replace("\ndata:", in: replace("\n\n", in: $0, by: "\n\n: ping\n\n"), by: "\n:x\ndata:")
      },
      changed("fields of reconnecting are passed over") { "id: 7\nretry: 10\n\n" + $0 },
      changed("a byte order mark may come first") { "\u{FEFF}" + $0 },
      changed("the space after the colon may be missing") { replace("\ndata: ", in: $0, by: "\ndata:") },
      changed("the line that ends the stream may be missing") { body in
        let events = body.split(separator: "\n\n", omittingEmptySubsequences: true).map(String.init)
        let kept = events.filter { !$0.contains("[DONE]") && !$0.contains("message_stop") }
        return kept.joined(separator: "\n\n") + "\n\n"
      },
      changed("the last blank line may be missing") { body in
        var rest = Substring(body)
        while rest.hasSuffix("\n") { rest.removeLast() }
        return String(rest)
      },
    ]
  }

  private static func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 7).map { Array(bytes[$0..<min(bytes.count, $0 + 7)]) }
  }

  private static func replace(_ part: String, in text: String, by other: String) -> String {
    text.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }
}
