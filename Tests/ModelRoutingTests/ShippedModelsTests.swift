import CoachVocabulary
import Declarations
import FoundationEssentials
import Ledger
import ModelRouting
import Testing

@Suite struct ShippedModelsTests {
  private func read(_ environment: [String: String]) throws -> (settings: ModelSettings, findings: [String]) {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let bytes = try Data(contentsOf: root.appending(path: "config/models.yaml"))
    let diagnostics = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: bytes, file: "config/models.yaml", reporting: diagnostics)
    let settings = ModelSettings(reading: try #require(tree), environment: environment, diagnostics: diagnostics)
    return (settings, diagnostics.diagnostics.map(\.description))
  }

  @Test func `the shipped file is sound and needs no environment`() throws {
    let (settings, findings) = try read([:])
    #expect(findings == [])
    #expect(settings.policy == RoutingPolicy())
    #expect(
      settings.endpoints.map(\.availability)
        == [.notConfigured("COACH_LOCAL_URL is not set"), .notConfigured("OPENAI_API_KEY is not set")]
    )
  }

  @Test func `the shipped endpoints are switched on by their variables`() throws {
    let (settings, _) = try read([
      "COACH_LOCAL_URL": "http://127.0.0.1:8080", "OPENAI_API_KEY": "k", "COACH_CLOUD_MODEL": "gpt-4o",
    ])
    #expect(
      settings.endpoints.map(\.availability) == [
        .configured(baseURL: "http://127.0.0.1:8080", apiKey: nil),
        .configured(baseURL: "https://api.openai.com/v1", apiKey: Secret("k")),
      ]
    )
    #expect(settings.endpoints.map(\.model) == ["default", "gpt-4o"])
    let priced = settings.priceTable().list(of: "cloud", at: Date(timeIntervalSince1970: 0))
    #expect(priced?.cost(of: TokenCounts(input: 1_000_000, output: 1_000_000)).dollarText == "0.75")
  }
}
