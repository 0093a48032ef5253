/// Questions about which nodes can follow which, for the compiler.
struct GraphShape {
  let entry: Route
  let routes: [Route]
  let joins: [CompiledJoin]
  /// The nodes with an edge to `end`.
  let endsAt: Set<Int>

  /// Every node a route may lead to at once, joins included.
  func allTargets(of route: Route) -> NodeSet {
    var targets = route.always
    for branch in route.conditional { targets.formUnion(branch.targets) }
    if let otherwise = route.otherwise { targets.formUnion(otherwise) }
    targets.formUnion(route.chosen)
    for join in route.joins { targets.formUnion(joins[join].targets) }
    return targets
  }

  /// Every node that some path from a route reaches, leaving one node out when asked; a join counts as passable once all
  /// of its nodes are reached.
  func reachable(from route: Route, without excluded: Int? = nil) -> NodeSet {
    var reached = NodeSet()
    var waiting = direct(route).members
    var missing = joins.map { $0.sources.members.count }
    while let node = waiting.popLast() {
      if node == excluded || reached.contains(node) { continue }
      reached.insert(node)
      waiting += direct(routes[node]).members
      for join in routes[node].joins {
        missing[join] -= 1
        if missing[join] == 0 { waiting += joins[join].targets.members }
      }
    }
    return reached
  }

  private func direct(_ route: Route) -> NodeSet {
    var targets = route.always
    for branch in route.conditional { targets.formUnion(branch.targets) }
    if let otherwise = route.otherwise { targets.formUnion(otherwise) }
    targets.formUnion(route.chosen)
    return targets
  }

  /// Every node from which some path leads to `end`.
  func leadingToEnd() -> NodeSet {
    var sources: [[Int]] = Array(repeating: [], count: routes.count)
    for index in routes.indices {
      for target in allTargets(of: routes[index]).members { sources[target].append(index) }
    }
    var leading = NodeSet()
    var waiting = Array(endsAt)
    while let node = waiting.popLast() {
      if leading.contains(node) { continue }
      leading.insert(node)
      waiting += sources[node]
    }
    return leading
  }

  /// Whether, as far as conditions outside loops go, all nodes of a join run when one of them does.
  ///
  /// That is so when they share a place which every path to any of them passes, and from which edges without condition
  /// lead to all of them.
  func surelyCompletes(_ join: CompiledJoin) -> Bool {
    // A node that goes elsewhere or fails into its handler does not count as having run.
    guard joinCounts(join) else { return false }
    let sources = join.sources.members
    if certain(from: entry, and: nil).isSuperset(of: join.sources) { return true }
    return routes.indices.contains { place in
      guard certain(from: routes[place], and: place).isSuperset(of: join.sources) else { return false }
      let others = reachable(from: entry, without: place)
      return sources.allSatisfy { $0 == place || !others.contains($0) }
    }
  }

  private func joinCounts(_ join: CompiledJoin) -> Bool {
    join.sources.members.allSatisfy { !routes[$0].mayLeaveEdges }
  }

  /// Every node that runs whatever conditions say, once a route is taken.
  private func certain(from route: Route, and place: Int?) -> NodeSet {
    var certain = route.mayLeaveEdges ? NodeSet() : route.always
    if let place { certain.insert(place) }
    var before: NodeSet
    repeat {
      before = certain
      for node in certain.members where !routes[node].mayLeaveEdges { certain.formUnion(routes[node].always) }
      for join in joins where certain.isSuperset(of: join.sources) && joinCounts(join) {
        certain.formUnion(join.targets)
      }
    } while before != certain
    return certain
  }
}
