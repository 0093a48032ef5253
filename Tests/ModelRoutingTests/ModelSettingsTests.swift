import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Ledger
import ModelRouting
import Testing

private func tree(_ value: JSONValue) -> DeclarationTree { DeclarationTree(json: value, file: "models.yaml") }

@Suite struct ModelSettingsTests {
  private static let cloud: [String: JSONValue] = [
    "name": "cloud", "tier": "cloud", "provider": "openai", "base_url_env": "URL", "base_url": "https://h/v1",
    "model": "m", "api_key_env": "KEY", "context_tokens": 128_000, "abilities": ["json_schema", "tools"],
    "prices": ["input": "0.15", "cached_input": "0.075", "output": "0.6", "version": "2026-10"],
    "time_limits": ["connect": "500ms", "first_token": "20s", "idle": "1.5s", "total": "2m"],
    "output_limit_field": "max_completion_tokens", "omit": ["temperature"],
  ]

  private func read(
    _ value: JSONValue,
    _ environment: [String: String] = [:]
  ) -> (settings: ModelSettings, messages: [String]) {
    let diagnostics = DiagnosticCollector()
    let settings = ModelSettings(reading: tree(value), environment: environment, diagnostics: diagnostics)
    return (settings, diagnostics.diagnostics.map(\.message))
  }

  @Test func `a whole file is read`() throws {
    let file: JSONValue = [
      "endpoints": [.object(Self.cloud)],
      "thresholds": ["simple": 0.2, "complex": 0.5],
      "moderate_policy": "cloud",
      "moderate_cloud_share": 0.25,
      "retry": ["longest_pause": "3s"],
      "breaker": ["failures": 4, "pause": "10s", "longest_pause": "1m"],
    ]
    let (settings, messages) = read(file, ["KEY": "sk-1", "URL": "https://other/v1"])
    #expect(messages.isEmpty)
    #expect(
      settings.policy
        == RoutingPolicy(
          simpleBelow: 0.2,
          complexFrom: 0.5,
          moderate: .cloud,
          moderateCloudShare: 0.25,
          longestRetryPause: .seconds(3),
          breakerFailures: 4,
          breakerPause: .seconds(10),
          breakerLongestPause: .seconds(60)
        )
    )
    let endpoint = try #require(settings.endpoints.first)
    #expect(endpoint.availability == .configured(baseURL: "https://other/v1", apiKey: Secret("sk-1")))
    #expect(endpoint.tier == .cloud)
    #expect(endpoint.contextTokens == 128_000)
    #expect(endpoint.abilities == [.jsonSchema, .tools])
    #expect(
      endpoint.timeLimits
        == AttemptTimeLimits(
          connect: .milliseconds(500),
          firstToken: .seconds(20),
          idle: .seconds(1.5),
          total: .seconds(120)
        )
    )
    #expect(endpoint.outputLimitField == "max_completion_tokens")
    #expect(endpoint.omittedFields == ["temperature"])
    let priced = try #require(settings.priceTable().list(of: "cloud", at: Date(timeIntervalSince1970: 0)))
    #expect(priced.cost(of: TokenCounts(input: 57, output: 20)) == NanoDollars(20_550))
    #expect(priced.version == "2026-10")
  }

  @Test func `an endpoint whose variables are not set is not configured, which is no fault`() {
    var local = Self.cloud
    local["name"] = "local"
    local["tier"] = "local"
    local["base_url"] = nil
    local["api_key_env"] = nil
    let (settings, messages) = read(["endpoints": [.object(local), .object(Self.cloud)]], ["KEY": "  "])
    #expect(messages.isEmpty)
    #expect(
      settings.endpoints.map(\.availability) == [.notConfigured("URL is not set"), .notConfigured("KEY is not set")]
    )
  }

  @Test func `the model may come from a variable`() {
    var file = Self.cloud
    file["model_env"] = "MODEL"
    let named = read(["endpoints": [.object(file)]], ["KEY": "k", "MODEL": "other"])
    #expect(named.settings.endpoints.first?.model == "other")
    #expect(read(["endpoints": [.object(file)]], ["KEY": "k"]).settings.endpoints.first?.model == "m")
  }

  @Test func `the shown settings hold no key`() {
    let (settings, _) = read(["endpoints": [.object(Self.cloud)]], ["KEY": "sk-very-secret"])
    #expect(!String(reflecting: settings).contains("sk-very-secret"))
    #expect(!"\(settings)".contains("sk-very-secret"))
  }

  @Test func `an endpoint without prices is unpriced`() {
    var file = Self.cloud
    file["prices"] = nil
    let (settings, messages) = read(["endpoints": [.object(file)]], ["KEY": "k"])
    #expect(messages.isEmpty)
    #expect(settings.priceTable().list(of: "cloud", at: Date(timeIntervalSince1970: 0)) == nil)
  }

  private static let faults: [(key: String, value: JSONValue?, message: String)] = [
    ("name", nil, "endpoint needs 'name'"),
    ("tier", "moon", "'tier' of endpoint must be one of local, cloud, not 'moon'"),
    ("tier", nil, "endpoint needs 'tier'"),
    ("provider", "x", "'provider' of endpoint must be one of openai, not 'x'"),
    ("model", nil, "endpoint needs 'model', or 'model_env' with its variable set"),
    ("context_tokens", 3, "'context_tokens' of endpoint must be from 256 to 100000000, not 3"),
    ("abilities", ["magic"], "unknown ability 'magic'; known: json_schema, tools"),
    ("prices", ["output": "1"], "prices needs 'input'"),
    ("omit", ["model"], "'omit' knows temperature, seed, stream_options, not 'model'"),
    ("output_limit_field", "n", "'output_limit_field' must be max_tokens or max_completion_tokens, not 'n'"),
    ("time_limits", ["idle": "soon"], "'idle' must be a time such as 500ms, 30s or 2m, not 'soon'"),
    ("time_limits", ["idle": "0s"], "'idle' must be a time such as 500ms, 30s or 2m, not '0s'"),
  ]

  @Test(arguments: faults)
  func `a fault in an endpoint is reported`(key: String, value: JSONValue?, message: String) {
    var file = Self.cloud
    file[key] = value
    let (_, messages) = read(["endpoints": [.object(file)]], ["KEY": "k"])
    #expect(messages == [message])
  }

  @Test func `a price that is no exact amount is reported`() {
    var file = Self.cloud
    file["prices"] = ["input": "-1", "output": "0.6"]
    let (settings, messages) = read(["endpoints": [.object(file)]], ["KEY": "k"])
    #expect(messages.count == 1)
    #expect(messages.first?.contains("dollars per million tokens") == true)
    #expect(settings.endpoints.first?.prices == nil)
  }

  @Test func `two endpoints of one name and unknown keys are reported`() {
    let (settings, messages) = read(
      ["endpoints": [.object(Self.cloud), .object(Self.cloud)], "speed": 1],
      ["KEY": "k"]
    )
    #expect(settings.endpoints.count == 1)
    #expect(messages.contains("endpoint 'cloud' is declared twice; rename one of them"))
    #expect(messages.contains { $0.hasPrefix("unknown key 'speed' in models") })
  }

  @Test func `thresholds must be in order and in range`() {
    #expect(
      read(["thresholds": ["simple": 0.7, "complex": 0.3]]).messages == ["'simple' must not be above 'complex'"]
    )
    #expect(read(["thresholds": ["simple": 7]]).messages.first == "'simple' must be from 0 to 1, not 7.0")
  }

  @Test func `a file without endpoints is a coach without models`() {
    let (settings, messages) = read([:])
    #expect(messages.isEmpty)
    #expect(settings.endpoints.isEmpty)
    #expect(settings.policy == RoutingPolicy())
  }
}
