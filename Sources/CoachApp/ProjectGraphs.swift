import CoachAgents
import CoachVocabulary
import Declarations
import StateGraph

/// The graph files of one project, compiled together, since they may call one another.
struct ProjectGraphs {
  /// The graphs without fault, by name.
  let graphs: [String: Graph]

  /// Compiles every graph file; what is wrong is reported with file and line, each fault once.
  ///
  /// - Parameters:
  ///   - trees: the files by the name that each graph must have.
  ///   - registry: what nodes may use.
  ///   - diagnostics: where findings go, sorted by file and line.
  init(_ trees: [String: DeclarationTree], registry: NodeRegistry, reporting diagnostics: DiagnosticCollector) {
    let own = DiagnosticCollector()
    let definitions = trees.sorted { $0.key < $1.key }.map { name, tree in
      let definition = GraphDefinition(reading: tree, diagnostics: own)
      if definition.name != name {
        own.error("the graph must be called '\(name)', like its file, not '\(definition.name)'", at: tree.position)
      }
      ControlNodes.check(definition, reporting: own)
      return definition
    }
    let compiled = GraphCompiler.compile(all: definitions, registry: registry, diagnostics: own)
    graphs = Dictionary(compiled.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    diagnostics.add(own.diagnostics.sortedByLine)
  }

  /// What graph files may use: the coach's nodes, and those that every project has.
  static func registry(_ services: CoachServices) -> NodeRegistry {
    var registry = CoachNodes(services).registry
    ControlNodes.register(in: &registry)
    return registry
  }
}

extension [Diagnostic] {
  /// By file and line, as they were found within a line.
  fileprivate var sortedByLine: [Diagnostic] {
    enumerated().sorted { left, right in
      let (one, other) = (left.element.position, right.element.position)
      return (one.file, one.line, left.offset) < (other.file, other.line, right.offset)
    }.map(\.element)
  }
}
