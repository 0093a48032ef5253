import CoachVocabulary

/// What a graph whose nodes run ahead has to know of itself: how soon one node can follow another, and who touches what.
final class AheadShape: Sendable {
  /// More nodes would need more memory for their distances than a graph is worth.
  static let mostNodes = 2_000

  private let count: Int
  /// How many supersteps after one node another runs at the soonest; row by row.
  private let distances: [UInt16]
  private static let never = UInt16.max
  /// The nodes that may write a channel.
  let writers: [[Int]]
  /// The channels that a node reads, those of its cache key included.
  let reads: [NodeSet]
  /// Nodes that may send, and those they may send to.
  let senders: [Int]
  let isSentTo: NodeSet
  /// Nodes that deal with failures.
  let handlers: NodeSet

  init(nodes: [CompiledNode], joins: [CompiledJoin], channels: Int) {
    count = nodes.count
    distances = nodes.flatMap { Self.distances(from: $0.route, nodes, joins) }
    var writers: [[Int]] = Array(repeating: [], count: channels)
    for (index, node) in nodes.enumerated() {
      for channel in node.writes ?? [] { writers[channel].append(index) }
    }
    self.writers = writers
    reads = nodes.map { NodeSet(($0.reads ?? []) + ($0.cacheKey ?? [])) }
    senders = nodes.indices.filter { !nodes[$0].send.isEmpty }
    isSentTo = nodes.reduce(into: NodeSet()) { $0.formUnion($1.send) }
    handlers = NodeSet(nodes.compactMap(\.errorHandler))
  }

  private static func distances(from route: Route, _ nodes: [CompiledNode], _ joins: [CompiledJoin]) -> [UInt16] {
    var found = Array(repeating: never, count: nodes.count)
    var front = targets(of: route, joins)
    var distance: UInt16 = 1
    while !front.isEmpty {
      var next = NodeSet()
      for node in front.members where found[node] == never {
        found[node] = distance
        next.formUnion(targets(of: nodes[node].route, joins))
      }
      front = NodeSet(next.members.filter { found[$0] == never })
      distance += 1
    }
    return found
  }

  private static func targets(of route: Route, _ joins: [CompiledJoin]) -> NodeSet {
    var targets = route.always
    for branch in route.conditional { targets.formUnion(branch.targets) }
    if let otherwise = route.otherwise { targets.formUnion(otherwise) }
    targets.formUnion(route.chosen)
    for join in route.joins { targets.formUnion(joins[join].targets) }
    return targets
  }

  /// Whether, when one node runs, another may run at most so many supersteps later because of it.
  func mayFollow(_ node: Int, after other: Int, within supersteps: Int) -> Bool {
    let distance = distances[other * count + node]
    return distance != Self.never && Int(distance) <= supersteps
  }
}
