/// Finds the way from a dataset of facts to the datasets that describe them.
struct JoinGraph: Sendable {
  private let outgoing: [String: [Relationship]]

  init(_ relationships: [Relationship]) {
    outgoing = Dictionary(grouping: relationships, by: \.fromDataset)
  }

  enum Path: Hashable, Sendable {
    case found([Relationship])
    case none
    case ambiguous
  }

  /// The shortest chain of many-to-one joins; two chains of that length are ambiguous.
  func path(from start: String, to target: String) -> Path {
    if start == target { return .found([]) }
    var frontier: [(String, [Relationship])] = [(start, [])]
    var visited: Set<String> = [start]
    while !frontier.isEmpty {
      var next: [(String, [Relationship])] = []
      var arrivals: [[Relationship]] = []
      for (place, chain) in frontier {
        for relationship in outgoing[place] ?? [] where !visited.contains(relationship.toDataset) {
          let longer = chain + [relationship]
          if relationship.toDataset == target { arrivals.append(longer) }
          next.append((relationship.toDataset, longer))
        }
      }
      if arrivals.count == 1 { return .found(arrivals[0]) }
      if arrivals.count > 1 { return .ambiguous }
      visited.formUnion(next.map(\.0))
      frontier = next
    }
    return .none
  }
}
