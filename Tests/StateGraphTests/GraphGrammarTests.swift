import CoachVocabulary
import FoundationEssentials
import StateGraph
import Testing

@Suite struct GraphGrammarTests {
  private static let root: String = {
    var url = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  @Test func `the schema in docs is the one that the code generates`() throws {
    let file = "\(Self.root)/docs/graph.schema.json"
    let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    #expect(text == GraphGrammar.text, "write it anew: coach graph schema > docs/graph.schema.json")
  }

  /// A graph with a key that nobody knows in one place; the reader answers with those it knows there.
  @Test(arguments: [
    ("{graph: g, zzz: 1}", ["properties"]),
    ("{graph: g, breakpoints: {zzz: 1}}", ["properties", "breakpoints", "anyOf", "0", "properties"]),
    ("{graph: g, state: {a: {type: int, zzz: 1}}}", ["$defs", "channel", "anyOf", "2", "properties"]),
    ("{graph: g, nodes: {a: {use: f, zzz: 1}}}", ["$defs", "node", "properties"]),
    (
      "{graph: g, nodes: {a: {use: f, retry: {zzz: 1}}}}",
      ["$defs", "node", "properties", "retry", "anyOf", "0", "properties"]
    ),
    (
      "{graph: g, nodes: {a: {use: f, cache: {zzz: 1}}}}",
      ["$defs", "node", "properties", "cache", "anyOf", "0", "properties"]
    ),
    ("{graph: g, edges: [{from: a, to: b, zzz: 1}]}", ["$defs", "edge", "properties"]),
  ])
  func `the schema knows the keys that the reader knows`(_ graph: String, _ path: [String]) throws {
    let diagnostics = DiagnosticCollector()
    _ = GraphDefinition(reading: try JSONDeclaration.tree(graph), diagnostics: diagnostics)
    let finding = try #require(diagnostics.diagnostics.first { $0.message.contains("'zzz'") })
    let list = try #require(finding.message.split(separator: "known keys: ").last)
    let known = Set(list.split(separator: ", ").map(String.init))
    var place: JSONValue? = GraphGrammar.schema
    for step in path { place = Int(step).flatMap { place?.arrayValue?[$0] } ?? place?[step] }
    #expect(Set(try #require(place?.objectValue).keys) == known)
  }

  @Test func `every reference in the schema leads somewhere`() throws {
    let definitions = try #require(GraphGrammar.schema["$defs"]?.objectValue)
    var named: Set<String> = []
    func walk(_ value: JSONValue) {
      if let target = value["$ref"]?.stringValue { named.insert(String(target.dropFirst("#/$defs/".count))) }
      for part in value.objectValue?.values.map(\.self) ?? value.arrayValue ?? [] { walk(part) }
    }
    walk(GraphGrammar.schema)
    #expect(named == Set(definitions.keys))
  }
}
