public import CoachVocabulary

/// A checked graph, ready to run: names have become indexes, edges bit sets, conditions trees.
public struct Graph: Sendable {
  /// What was declared.
  public let definition: GraphDefinition
  /// A fingerprint of all that decides how a run goes on; a run saved under another one is not resumed.
  public let hash: String

  let table: ChannelTable
  let nodes: [CompiledNode]
  let joins: [CompiledJoin]
  let entry: Route
  let nodeIndex: [String: Int]

  /// The name under which runs are recorded.
  public var name: String { definition.name }
}

/// A node with its function and the edges that leave it.
struct CompiledNode: Sendable {
  let name: String
  let function: NodeFunction
  let parameters: [String: JSONValue]
  let retry: RetryPolicy
  let timeout: Duration?
  let route: Route
}

/// Where a node leads.
struct Route: Sendable {
  /// Targets of edges without condition.
  var always = NodeSet()
  /// Whether any edge without condition leaves the node, `end` and joins included.
  var hasUnconditional = false
  /// Conditions with their targets, in the order of declaration.
  var conditional: [Branch] = []
  /// Targets when no condition held; nil without such an edge.
  var otherwise: NodeSet?
  /// The joins that the node belongs to.
  var joins: [Int] = []

  /// A condition with its targets.
  struct Branch: Sendable {
    let condition: Condition
    let text: String
    let targets: NodeSet
  }
}

/// Several nodes that must all have run before the targets do.
struct CompiledJoin: Sendable {
  let sources: NodeSet
  let targets: NodeSet
}

/// All that is wrong with a graph.
public struct GraphFaults: Error, Sendable, CustomStringConvertible {
  /// The findings, each with its place.
  public let diagnostics: [Diagnostic]

  /// Makes the error from its findings.
  public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// One finding a line.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

extension GraphDefinition {
  /// A fingerprint of channels, nodes, edges and limits; places in files do not count.
  var fingerprint: String {
    var hash = StableHash()
    hash.combine(name)
    hash.combine(String(stepLimit))
    for channel in channels {
      hash.combine("\(channel.name) \(channel.type) \(channel.kind) \(channel.isOptional)")
      hash.combine(channel.defaultValue?.text ?? "-")
      hash.combine(channel.allowedTexts?.joined(separator: "\n") ?? "-")
    }
    for node in nodes {
      hash.combine("\(node.name) \(node.work) \(node.retry) \(String(describing: node.timeout))")
      hash.combine(JSONValue.object(node.parameters).text)
    }
    for edge in edges {
      hash.combine("\(edge.sources) \(edge.targets)")
      hash.combine(edge.condition ?? "-")
    }
    return hash.text
  }
}
