public import CoachVocabulary

/// A checked graph, ready to run: names have become indexes, edges bit sets, conditions trees.
public final class Graph: Sendable {
  /// What was declared.
  public let definition: GraphDefinition
  /// A fingerprint of all that decides how a run goes on; a run saved under another one is not resumed.
  public let hash: String

  let table: ChannelTable
  let nodes: [CompiledNode]
  let joins: [CompiledJoin]
  let entry: Route
  let nodeIndex: [String: Int]
  /// Nodes before and after which a run pauses.
  let breakBefore: NodeSet
  let breakAfter: NodeSet
  let hasDeferred: Bool
  /// What is needed to run ahead; nil for a graph that goes superstep by superstep.
  let ahead: AheadShape?
  /// The graphs that nodes of this one call, by name.
  let subgraphs: [String: Graph]

  init(
    definition: GraphDefinition,
    table: ChannelTable,
    nodes: [CompiledNode],
    joins: [CompiledJoin],
    entry: Route,
    nodeIndex: [String: Int],
    subgraphs: [String: Graph]
  ) {
    self.definition = definition
    hash = definition.fingerprint
    self.table = table
    self.nodes = nodes
    self.joins = joins
    self.entry = entry
    self.nodeIndex = nodeIndex
    breakBefore = NodeSet(definition.options.breakBefore.compactMap { nodeIndex[$0] })
    breakAfter = NodeSet(definition.options.breakAfter.compactMap { nodeIndex[$0] })
    hasDeferred = definition.nodes.contains(where: \.options.isDeferred)
    self.subgraphs = subgraphs
    ahead =
      definition.options.runAhead ? AheadShape(nodes: nodes, joins: joins, channels: table.channels.count) : nil
  }

  /// The name under which runs are recorded.
  public var name: String { definition.name }

  /// The channels a start may write.
  public var inputNames: [String] {
    definition.options.input ?? definition.channels.filter { !$0.isPrivate }.map(\.name)
  }

  /// The channels a finished run gives.
  public var outputNames: [String] {
    definition.options.output ?? definition.channels.filter { !$0.isPrivate }.map(\.name)
  }
}

/// A node with its function and the edges that leave it.
final class CompiledNode: Sendable {
  let name: String
  let function: NodeFunction
  let parameters: [String: JSONValue]
  let retry: RetryPolicy
  let timeout: Duration?
  let options: NodeOptions
  /// The channels that decide whether two executions are equal; nil for a node without cache.
  let cacheKey: [Int]?
  /// What tells this node's results from those of others in a cache.
  let cacheScope: String
  /// The channels it says it reads and writes; nil when it does not say.
  let reads: [Int]?
  let writes: [Int]?
  let goto: NodeSet
  let mayEnd: Bool
  let send: NodeSet
  let errorHandler: Int?
  let route: Route

  init(
    _ declaration: NodeDeclaration,
    _ entry: NodeRegistry.Entry,
    route: Route,
    graph: String,
    table: ChannelTable,
    nodeIndex: [String: Int]
  ) {
    name = declaration.name
    function = entry.function
    parameters = declaration.parameters
    retry = declaration.retry
    timeout = declaration.timeout
    options = declaration.options
    reads = entry.saysWhatItTouches ? entry.reads.compactMap { table.index[$0] } : nil
    writes = entry.saysWhatItTouches ? entry.writes.compactMap { table.index[$0] } : nil
    cacheKey = declaration.options.cache.map { policy in
      (policy.key.isEmpty ? entry.reads : policy.key).compactMap { table.index[$0] }.sorted()
    }
    cacheScope = "\(graph)/\(declaration.name)/\(declaration.work)/\(JSONValue.object(declaration.parameters).text)"
    goto = NodeSet(declaration.options.goto.compactMap { nodeIndex[$0] })
    mayEnd = declaration.options.goto.contains(GraphDefinition.end)
    send = NodeSet(declaration.options.send.compactMap { nodeIndex[$0] })
    errorHandler = declaration.options.errorHandler.flatMap { nodeIndex[$0] }
    self.route = route
  }
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
  /// Nodes that the node itself may choose: by going, by sending, or by failing into its error handler.
  var chosen = NodeSet()
  /// Whether the node may leave its edges aside, so that none of them is certain to fire.
  var mayLeaveEdges = false
  /// The members of `always`, for the run.
  private(set) var alwaysMembers: [Int] = []
  private(set) var otherwiseMembers: [Int] = []

  /// A condition with its targets.
  struct Branch: Sendable {
    let condition: Condition
    let text: String
    let targets: NodeSet
    let members: [Int]

    init(condition: Condition, text: String, targets: NodeSet) {
      self.condition = condition
      self.text = text
      self.targets = targets
      members = targets.members
    }
  }

  /// The route with what a run needs computed.
  func finished() -> Route {
    var route = self
    route.alwaysMembers = always.members
    route.otherwiseMembers = otherwise?.members ?? []
    return route
  }
}

/// Several nodes that must all have run before the targets do.
struct CompiledJoin: Sendable {
  let sources: NodeSet
  let targets: NodeSet
  /// `a+b>c`, by which saved runs know it.
  let name: String
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
    hash.combine("\(stepLimit) \(options)")
    for channel in channels {
      hash.combine("\(channel.name) \(channel.type) \(channel.kind) \(channel.isOptional) \(channel.isPrivate)")
      hash.combine(channel.defaultValue?.text ?? "-")
      hash.combine(channel.allowedTexts?.joined(separator: "\n") ?? "-")
    }
    for node in nodes {
      hash.combine("\(node.name) \(node.work) \(node.retry) \(String(describing: node.timeout)) \(node.options)")
      hash.combine(JSONValue.object(node.parameters).text)
    }
    for edge in edges {
      hash.combine("\(edge.sources) \(edge.targets)")
      hash.combine(edge.condition ?? "-")
    }
    return hash.text
  }
}
