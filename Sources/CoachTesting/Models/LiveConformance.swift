public import CoachVocabulary
public import LanguageModel

/// What a model behind a real server must do, whatever it answers: the server may write noise.
///
/// The checks ask for little and cost little. Run all as a parameterised test against each server.
public struct LiveConformance: Sendable, CustomStringConvertible {
  /// What the model must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any LanguageModel) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any LanguageModel) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a model to this check.
  ///
  /// - Throws: ``ConformanceFailure`` that says what was expected.
  public func check(_ model: any LanguageModel) async throws { try await body(model) }

  /// The schema that the check of structured output asks for.
  public static let schema: JSONValue = [
    "type": "object",
    "properties": [
      "metric": ["enum": ["revenue", "margin", "units"]], "limit": ["type": "integer"],
      "regions": ["type": "array", "items": ["type": "string", "maxLength": 4], "maxItems": 2],
      "descending": ["type": "boolean"],
    ],
    "required": ["metric", "descending"], "additionalProperties": false,
  ]

  /// Every check.
  public static let all: [LiveConformance] = [
    LiveConformance("a reply comes in pieces and ends once, with its tokens") { model in
      let played = await PlayedReply.of(model, to: request("Say something.", tokens: 24))
      guard let reply = played.reply, !reply.text.isEmpty else { throw failure("a reply", played) }
      guard played.events.count > 2 else { throw failure("several pieces", played) }
      let isCounted = reply.usage.source != .unknown && reply.usage.tokens.input > 0 && reply.usage.tokens.output > 0
      guard isCounted else { throw failure("tokens, reported or estimated", played) }
    },
    LiveConformance("the limit of the output is kept and told") { model in
      let played = await PlayedReply.of(model, to: request("Count to one hundred.", tokens: 4))
      guard let reply = played.reply, reply.finishReason == .length else { throw failure("reason 'length'", played) }
      guard reply.text.utf8.count < 200 else { throw failure("at most four tokens", played) }
    },
    LiveConformance("a schema is kept") { model in
      var request = request("Which metric?", tokens: 200)
      request.responseFormat = .jsonSchema(name: "Choice", schema: schema)
      let played = await PlayedReply.of(model, to: request)
      guard let reply = played.reply, let json = try? JSONValue(parsing: reply.text) else {
        throw failure("JSON", played)
      }
      let faults = try JSONSchema(schema).violations(in: json)
      guard faults.isEmpty else { throw failure("JSON that fits; \(faults)", played) }
    },
    LiveConformance("leaving early leaves a server that answers the next") { model in
      for _ in 0..<3 {
        for try await event in model.events(for: request("Tell a long story.", tokens: 400)) {
          if case .text = event { break }
        }
      }
      let played = await PlayedReply.of(model, to: request("Say something.", tokens: 4))
      guard played.reply != nil else { throw failure("a reply after three that were left", played) }
    },
    LiveConformance("cancelling ends the reading at once") { model in
      let task = Task { await PlayedReply.of(model, to: request("Tell a long story.", tokens: 400)) }
      try await Task.sleep(for: .milliseconds(50))
      task.cancel()
      let played = await task.value
      guard played.failure?.kind == .cancelled || played.reply != nil else { throw failure("cancelled", played) }
    },
    LiveConformance("four questions at once are all answered") { model in
      let replies = await withTaskGroup(of: PlayedReply.self) { group in
        for number in 0..<4 {
          group.addTask { await PlayedReply.of(model, to: request("Say something, \(number).", tokens: 8)) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      for played in replies where played.reply == nil { throw failure("a reply", played) }
    },
    LiveConformance("a prompt beyond the context is no reply, and mostly told apart from other faults") { model in
      let long = String(repeating: "revenue by region and month, ", count: 20_000)
      let played = await PlayedReply.of(model, to: request(long, tokens: 4))
      // The server of llama-cpp-python ends such a stream without a word, which leaves nothing to tell it by.
      guard played.failure?.kind == .contextTooLong || played.failure?.kind == .malformed else {
        throw failure("contextTooLong", played)
      }
    },
  ]

  private static func request(_ text: String, tokens: Int) -> ModelRequest {
    ModelRequest(messages: [.system("You help."), .user(text)], maxOutputTokens: tokens, temperature: 0.8, seed: 7)
  }

  private static func failure(_ wanted: String, _ played: PlayedReply) -> ConformanceFailure {
    ConformanceFailure(
      description: "expected \(wanted); found \(played.events.suffix(4)), "
        + "failure \(played.failure.map(\.description) ?? "none")"
    )
  }
}
