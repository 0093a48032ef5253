public import CoachVocabulary
public import Ledger

/// What `config/models.yaml` says: the endpoints and the routing policy.
public struct ModelSettings: Hashable, Sendable {
  /// The endpoints in the order of the file; within a tier the first usable one is asked first.
  public var endpoints: [EndpointSettings]
  /// How questions are sent to them.
  public var policy: RoutingPolicy
  /// How connections to them are made.
  public var connections = ConnectionSettings()

  /// Makes settings.
  public init(endpoints: [EndpointSettings] = [], policy: RoutingPolicy = RoutingPolicy()) {
    self.endpoints = endpoints
    self.policy = policy
  }

  /// The prices of all endpoints that have any: their own, and further lists with a moment from which they hold.
  ///
  /// - Parameter lists: what `config/prices.yaml` declares, by endpoint.
  /// - Returns: the table.
  public func priceTable(with lists: [String: [PriceList]] = [:]) -> PriceTable {
    var all = lists
    for endpoint in endpoints { if let own = endpoint.prices { all[endpoint.name, default: []].append(own) } }
    return PriceTable(all)
  }

  /// Reads the file; every fault is reported and what is sound is kept.
  ///
  /// An endpoint whose environment variable is not set is read as not configured, which is no fault.
  /// - Parameters:
  ///   - tree: the file.
  ///   - environment: the variables of the process.
  ///   - diagnostics: where faults go.
  public init(reading tree: DeclarationTree, environment: [String: String], diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "models", reporting: diagnostics)
    endpoints = []
    for item in reader.list("endpoints") {
      guard let endpoint = EndpointSettings(reading: item, environment: environment, diagnostics: diagnostics) else {
        continue
      }
      if endpoints.contains(where: { $0.name == endpoint.name }) {
        diagnostics.error("endpoint '\(endpoint.name)' is declared twice; rename one of them", at: item.position)
      } else {
        endpoints.append(endpoint)
      }
    }
    policy = RoutingPolicy()
    policy.read(reader)
    connections = ConnectionSettings(reader, environment: environment)
    reader.finish()
  }
}

extension RoutingPolicy {
  fileprivate mutating func read(_ reader: DeclarationReader) {
    localShare = reader.share("local_share") ?? localShare
    moderateShare = reader.share("moderate_share") ?? moderateShare
    brokenReply = reader.choice("broken_reply_policy", of: BrokenReplyPolicy.self) ?? brokenReply
    refusal = reader.choice("refusal_policy", of: RefusalPolicy.self) ?? refusal
    moderate = reader.choice("moderate_policy", of: ModeratePolicy.self) ?? moderate
    moderateCloudShare = reader.share("moderate_cloud_share") ?? moderateCloudShare
    warmCacheTime = reader.duration("warm_cache") ?? warmCacheTime
    if let learning = reader.reader("learning", as: "learning") {
      self.learning.isOn = learning.bool("enabled") ?? self.learning.isOn
      self.learning.target = learning.share("target") ?? self.learning.target
      if let days = learning.int("half_life_days", in: 1...3_650) {
        self.learning.halfLife = .seconds(days * 86_400)
      }
      learning.finish()
    }
    if let retry = reader.reader("retry", as: "retry") {
      longestRetryPause = retry.duration("longest_pause") ?? longestRetryPause
      retry.finish()
    }
    if let breaker = reader.reader("breaker", as: "breaker") {
      breakerFailures = breaker.int("failures", in: 1...100) ?? breakerFailures
      breakerPause = breaker.duration("pause") ?? breakerPause
      breakerLongestPause = breaker.duration("longest_pause") ?? max(breakerPause, breakerLongestPause)
      breaker.finish()
    }
  }
}

extension EndpointSettings {
  fileprivate init?(reading tree: DeclarationTree, environment: [String: String], diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "endpoint", reporting: diagnostics)
    let name = reader.requiredString("name")
    let tier = reader.requiredTree("tier").flatMap { _ in reader.choice("tier", of: ModelTier.self) }
    let provider = reader.choice("provider", of: ProviderKind.self) ?? .openAI
    let availability = Self.availability(reader, environment)
    let model = reader.environmentOrString("model", environment)
    if model == nil, case .configured = availability {
      diagnostics.error("endpoint needs 'model', or 'model_env' with its variable set", at: reader.position)
    }
    var settings = EndpointSettings(
      name: name ?? "",
      tier: tier ?? .local,
      provider: provider,
      availability: availability,
      model: model ?? "",
      contextTokens: reader.int("context_tokens", in: 256...100_000_000) ?? 8_192,
      abilities: reader.abilities(),
      prices: reader.prices(),
      timeLimits: reader.timeLimits(),
      outputLimitField: reader.outputLimitField(),
      omittedFields: reader.omittedFields()
    )
    settings.wire = ProviderSettings(reader, of: provider)
    reader.finish()
    guard name != nil, tier != nil else { return nil }
    self = settings
  }

  private static func availability(
    _ reader: DeclarationReader,
    _ environment: [String: String]
  ) -> Availability {
    let keyVariable = reader.string("api_key_env")
    let urlVariable = reader.string("base_url_env")
    let declared = reader.string("base_url")
    if urlVariable == nil, declared == nil {
      reader.diagnostics.error("endpoint needs 'base_url' or 'base_url_env'", at: reader.position)
    }
    let url = urlVariable.flatMap { environment[$0].flatMap(\.nonBlank) } ?? declared
    guard let url else { return .notConfigured("\(urlVariable ?? "base_url") is not set") }
    guard let keyVariable else { return .configured(baseURL: url, apiKey: nil) }
    guard let key = environment[keyVariable].flatMap(\.nonBlank) else {
      return .notConfigured("\(keyVariable) is not set")
    }
    return .configured(baseURL: url, apiKey: Secret(key))
  }
}

extension DeclarationReader {
  /// A number from 0 to 1.
  fileprivate func share(_ key: String) -> Double? {
    guard let number = double(key) else { return nil }
    if (0...1).contains(number) { return number }
    diagnostics.error("'\(key)' must be from 0 to 1, not \(number)", at: position(of: key))
    return nil
  }

  /// A time such as `500ms`, `30s` or `2m`.
  fileprivate func duration(_ key: String) -> Duration? {
    guard let text = string(key) else { return nil }
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
    for (unit, seconds) in units where text.hasSuffix(unit) {
      if let number = Double(text.dropLast(unit.count)), number > 0, number <= 86_400 {
        return .seconds(number * seconds)
      }
    }
    diagnostics.error("'\(key)' must be a time such as 500ms, 30s or 2m, not '\(text)'", at: position(of: key))
    return nil
  }

  /// The value of the variable that `<key>_env` names, or else of `key` itself.
  fileprivate func environmentOrString(_ key: String, _ environment: [String: String]) -> String? {
    let declared = string(key)
    return string("\(key)_env").flatMap { environment[$0].flatMap(\.nonBlank) } ?? declared
  }

  fileprivate func abilities() -> Set<ModelAbility> {
    var found: Set<ModelAbility> = []
    for word in strings("abilities") {
      if let ability = ModelAbility(rawValue: word) {
        found.insert(ability)
      } else {
        let known = ModelAbility.allCases.map(\.rawValue).joined(separator: ", ")
        diagnostics.error("unknown ability '\(word)'; known: \(known)", at: position(of: "abilities"))
      }
    }
    return found
  }

  fileprivate func prices() -> PriceList? { reader("prices", as: "prices").flatMap { PriceList(reading: $0) } }

  fileprivate func timeLimits() -> AttemptTimeLimits {
    var limits = AttemptTimeLimits()
    guard let reader = reader("time_limits", as: "time_limits") else { return limits }
    limits.connect = reader.duration("connect") ?? limits.connect
    limits.firstToken = reader.duration("first_token") ?? limits.firstToken
    limits.idle = reader.duration("idle") ?? limits.idle
    limits.total = reader.duration("total") ?? limits.total
    reader.finish()
    return limits
  }

  fileprivate func outputLimitField() -> String {
    let known = ["max_tokens", "max_completion_tokens"]
    guard let field = string("output_limit_field") else { return known[0] }
    if known.contains(field) { return field }
    diagnostics.error(
      "'output_limit_field' must be \(known.joined(separator: " or ")), not '\(field)'",
      at: position(of: "output_limit_field")
    )
    return known[0]
  }

  fileprivate func omittedFields() -> [String] {
    let known = ["temperature", "seed", "stream_options"]
    return strings("omit").filter { field in
      if known.contains(field) { return true }
      diagnostics.error(
        "'omit' knows \(known.joined(separator: ", ")), not '\(field)'",
        at: position(of: "omit")
      )
      return false
    }
  }
}

extension String {
  /// The text without white space around it; nil when nothing is left.
  fileprivate var nonBlank: String? {
    let text = trimmingCharacters { $0.isWhitespace }
    return text.isEmpty ? nil : text
  }

  private func trimmingCharacters(where isTrimmed: (Character) -> Bool) -> String {
    guard let first = firstIndex(where: { !isTrimmed($0) }), let last = lastIndex(where: { !isTrimmed($0) }) else {
      return ""
    }
    return String(self[first...last])
  }
}
