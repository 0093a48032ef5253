public import CoachVocabulary
public import ConcurrencyKit
import HTTPClientKit
import LanguageModel
import Ledger
import ModelRouting

/// Calls each configured endpoint and says what works there.
public struct ModelsCheck: Sendable {
  /// What was found at one endpoint.
  public struct Finding: Hashable, Sendable, Codable {
    /// How one thing went.
    public enum Outcome: String, Hashable, Sendable, Codable {
      /// It works.
      case works
      /// It does not.
      case fails
      /// It was not tried: not declared, or nothing works there.
      case untried
    }

    /// The endpoint's name.
    public var endpoint: String
    /// Where it runs.
    public var tier: String
    /// The model as the server names it.
    public var model: String
    /// Whether it answers at all, and piece by piece.
    public var stream = Outcome.untried
    /// Whether it asks for a tool.
    public var tools = Outcome.untried
    /// Whether its reply fits a JSON Schema.
    public var json = Outcome.untried
    /// Whether it makes vectors.
    public var embeddings = Outcome.untried
    /// Whether it says how many tokens it used; else they are estimated.
    public var usage = Outcome.untried
    /// Milliseconds to the first piece of the reply.
    public var firstTokenMilliseconds: Int?
    /// Milliseconds of the whole reply.
    public var totalMilliseconds: Int?
    /// Every token of the check.
    public var tokens = TokenCounts.zero
    /// What the check cost, in dollars; nil when the endpoint has no prices.
    public var cost: String?
    /// Dollars per million tokens; nil when nobody said.
    public var prices: String?
    /// What went wrong, without keys and prompts.
    public var problems: [String] = []

    /// Whether something that is declared does not work.
    public var isFaulty: Bool { [stream, tools, json, embeddings].contains(.fails) }
  }

  /// The most tokens that each call may generate.
  private static let outputTokens = 64

  private let settings: ModelSettings
  private let clientSettings: HTTPClient.Settings
  private let prices: PriceTable
  private let clock: WallClock

  /// Makes a check of an installation's endpoints.
  ///
  /// - Parameters:
  ///   - installation: what the project's folder declares.
  ///   - clock: the time of day, by which prices hold.
  public init(_ installation: Installation, clock: WallClock = .system) {
    settings = installation.modelSettings
    prices = installation.prices
    self.clock = clock
    clientSettings = installation.clientSettings
  }

  /// Calls the endpoints one after the other, in the order of the file.
  ///
  /// - Parameter name: the only endpoint to call; nil calls all.
  /// - Returns: a finding for each endpoint, also for those that are not configured.
  /// - Throws: ``StartFailure`` when there is no HTTP client to be had.
  public func run(only name: String? = nil) async throws(StartFailure) -> [Finding] {
    let client: HTTPClient
    do throws(HTTPFailure) {
      client = try HTTPClient(settings: clientSettings)
    } catch {
      throw StartFailure("the HTTP client cannot be started: \(error)")
    }
    var findings: [Finding] = []
    for endpoint in settings.endpoints where name == nil || endpoint.name == name {
      findings.append(await check(endpoint, over: client))
    }
    await client.shutdown()
    return findings
  }

  private func check(_ endpoint: EndpointSettings, over client: HTTPClient) async -> Finding {
    var finding = Finding(endpoint: endpoint.name, tier: endpoint.tier.rawValue, model: endpoint.model)
    finding.prices = endpoint.prices.map { "\($0.prices)" }
    if case .notConfigured(let why) = endpoint.availability {
      finding.problems = ["not configured: \(why)"]
      return finding
    }
    guard let model = endpoint.languageModel(over: client) else {
      finding.stream = .fails
      finding.problems = ["the base URL cannot be right"]
      return finding
    }
    await checkStream(model, &finding)
    if finding.stream == .works {
      if endpoint.abilities.contains(.jsonSchema) { await checkJSON(model, &finding) }
      if endpoint.abilities.contains(.tools) { await checkTools(model, &finding) }
    }
    if let model = endpoint.embeddingModel(over: client) { await checkEmbeddings(model, &finding) }
    finding.cost = prices.list(of: endpoint.name, at: clock.now)?.cost(of: finding.tokens).dollarText
    return finding
  }

  // MARK: What is tried

  private func checkStream(_ model: any LanguageModel, _ finding: inout Finding) async {
    let request = ModelRequest(
      messages: [.user("Answer with the word ready.")],
      maxOutputTokens: Self.outputTokens,
      temperature: 0
    )
    let start = ContinuousClock.now
    do throws(ModelFailure) {
      for try await event in model.events(for: request) {
        switch event {
        case .finished(_, let usage): note(usage, &finding)
        case .text, .toolCall:
          if finding.firstTokenMilliseconds == nil { finding.firstTokenMilliseconds = Self.milliseconds(since: start) }
        }
      }
      finding.totalMilliseconds = Self.milliseconds(since: start)
      finding.stream = .works
    } catch {
      fail(\.stream, "stream", error, &finding)
    }
  }

  private func checkJSON(_ model: any LanguageModel, _ finding: inout Finding) async {
    let schema: JSONValue = [
      "type": "object", "properties": ["ready": ["type": "boolean"]], "required": ["ready"],
      "additionalProperties": false,
    ]
    let request = ModelRequest(
      messages: [.user("Are you ready? Answer in JSON.")],
      responseFormat: .jsonSchema(name: "Readiness", schema: schema),
      maxOutputTokens: Self.outputTokens,
      temperature: 0
    )
    do throws(ModelFailure) {
      let reply = try await model.reply(to: request)
      note(reply.usage, &finding)
      let fits = try? JSONSchema(schema).violations(in: ModelReply.json(in: reply.text)).isEmpty
      finding.json = fits == true ? .works : .fails
      if fits != true { finding.problems.append("JSON: the reply does not fit the schema") }
    } catch {
      fail(\.json, "JSON", error, &finding)
    }
  }

  private func checkTools(_ model: any LanguageModel, _ finding: inout Finding) async {
    let tool = ToolDefinition(
      name: "report_ready",
      description: "Reports that you are ready. Always call it.",
      parameters: ["type": "object", "properties": ["ready": ["type": "boolean"]], "required": ["ready"]]
    )
    let request = ModelRequest(
      messages: [.user("Call the tool report_ready with ready = true.")],
      tools: [tool],
      maxOutputTokens: Self.outputTokens,
      temperature: 0
    )
    do throws(ModelFailure) {
      let reply = try await model.reply(to: request)
      note(reply.usage, &finding)
      let called = reply.toolCalls.contains { $0.name == tool.name && (try? $0.arguments()) != nil }
      finding.tools = called ? .works : .fails
      if !called { finding.problems.append("tools: the model did not call the tool") }
    } catch {
      fail(\.tools, "tools", error, &finding)
    }
  }

  private func checkEmbeddings(_ model: any EmbeddingModel, _ finding: inout Finding) async {
    do throws(ModelFailure) {
      let reply = try await model.embeddings(of: ["revenue by region", "the weather"])
      finding.tokens = finding.tokens + reply.usage.tokens
      finding.embeddings = .works
    } catch {
      fail(\.embeddings, "embeddings", error, &finding)
    }
  }

  // MARK: Notes

  /// Usage works when every reply reported it.
  private func note(_ usage: ModelUsage, _ finding: inout Finding) {
    finding.tokens = finding.tokens + usage.tokens
    if usage.source != .reported {
      finding.usage = .fails
    } else if finding.usage == .untried {
      finding.usage = .works
    }
  }

  private func fail(
    _ what: WritableKeyPath<Finding, Finding.Outcome>,
    _ name: String,
    _ failure: ModelFailure,
    _ finding: inout Finding
  ) {
    finding[keyPath: what] = .fails
    finding.tokens = finding.tokens + failure.usage.tokens
    finding.problems.append("\(name): \(failure)")
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
    Int(start.duration(to: .now) / .milliseconds(1))
  }
}
