public import CoachVocabulary

/// Turns a definition into a graph that can run, or reports all of its faults.
public struct GraphCompiler {
  private let definition: GraphDefinition
  private let registry: NodeRegistry
  private let diagnostics: DiagnosticCollector
  private var table = ChannelTable([])
  private var nodeIndex: [String: Int] = [:]
  private var entry = Route()
  private var routes: [Route] = []
  private var joins: [CompiledJoin] = []
  private var joinEdges: [EdgeDeclaration] = []
  private var endsAt: Set<Int> = []
  /// Graphs with faults of their own; that a node calls one of them is no further fault.
  private var faultyGraphs: Set<String> = []

  /// The checked graph; nil when `diagnostics` holds errors, found here or, in reading the file, before.
  public static func compile(
    _ definition: GraphDefinition,
    registry: NodeRegistry,
    diagnostics: DiagnosticCollector
  ) -> Graph? {
    let findings = DiagnosticCollector()
    var compiler = GraphCompiler(definition: definition, registry: registry, diagnostics: findings)
    let graph = compiler.compile()
    diagnostics.add(findings.diagnostics)
    return diagnostics.hasErrors ? nil : graph
  }

  /// The checked graph.
  ///
  /// - Throws: ``GraphFaults`` with every fault.
  public static func compile(_ definition: GraphDefinition, registry: NodeRegistry) throws(GraphFaults) -> Graph {
    let diagnostics = DiagnosticCollector()
    guard let graph = compile(definition, registry: registry, diagnostics: diagnostics) else {
      throw GraphFaults(diagnostics: diagnostics.diagnostics)
    }
    return graph
  }

  /// The checked graphs of several definitions that may call one another; graphs that call each other in a circle are
  /// reported as faults.
  ///
  /// Each fault is reported once, where it is: a graph that calls a faulty one is left out without a finding of its own.
  public static func compile(
    all definitions: [GraphDefinition],
    registry: NodeRegistry,
    diagnostics: DiagnosticCollector
  ) -> [Graph] {
    var registry = registry
    var graphs: [Graph] = []
    var faulty: Set<String> = []
    var waiting = definitions
    while !waiting.isEmpty {
      let names = Set(waiting.map(\.name))
      let ready = waiting.filter { $0.calledNames.isDisjoint(with: names) }
      if ready.isEmpty {
        for definition in waiting {
          diagnostics.error("graph '\(definition.name)' calls itself, or a graph that does", at: definition.position)
        }
        return graphs
      }
      waiting.removeAll { definition in ready.contains { $0.name == definition.name } }
      for definition in ready {
        let findings = DiagnosticCollector()
        var compiler = GraphCompiler(definition: definition, registry: registry, diagnostics: findings)
        compiler.faultyGraphs = faulty
        let graph = compiler.compile()
        diagnostics.add(findings.diagnostics)
        guard let graph, faulty.isDisjoint(with: definition.calledNames) else {
          faulty.insert(definition.name)
          continue
        }
        graphs.append(graph)
        registry.register(graph: graph)
      }
    }
    return graphs
  }

  private init(definition: GraphDefinition, registry: NodeRegistry, diagnostics: DiagnosticCollector) {
    self.definition = definition
    self.registry = registry
    self.diagnostics = diagnostics
  }

  private mutating func compile() -> Graph? {
    checkGraph()
    checkChannels()
    checkNodes()
    checkOptions()
    readEdges()
    readChoices()
    checkBranches()
    if !diagnostics.hasErrors { checkShape() }
    guard !diagnostics.hasErrors else { return nil }
    let nodes = zip(definition.nodes, routes).compactMap { declaration, route in
      registry.entry(for: declaration.work).map { entry in
        CompiledNode(
          declaration,
          entry,
          route: route.finished(),
          graph: definition.name,
          table: table,
          nodeIndex: nodeIndex
        )
      }
    }
    return Graph(
      definition: definition,
      table: table,
      nodes: nodes,
      joins: joins,
      entry: entry.finished(),
      nodeIndex: nodeIndex,
      subgraphs: calledGraphs
    )
  }

  // MARK: - Names and types

  private func checkGraph() {
    if !Self.isName(definition.name) {
      diagnostics.error(
        "'\(definition.name)' cannot be a graph name; use letters, digits, '_', '-' and '.'",
        at: definition.position
      )
    }
    if definition.stepLimit < 1 { diagnostics.error("the step limit must be at least 1", at: definition.position) }
    for duplicate in registry.duplicates {
      diagnostics.error("\(duplicate) is registered twice", at: definition.position)
    }
  }

  private mutating func checkChannels() {
    var seen: [String: SourcePosition] = [:]
    var channels: [Channel] = []
    for var channel in definition.channels {
      checkName(of: channel)
      if let first = seen[channel.name] {
        diagnostics.error("channel '\(channel.name)' is declared twice, first at \(first)", at: channel.position)
        continue
      }
      seen[channel.name] = channel.position
      do {
        channel.type = try channel.type.resolved(with: registry.types)
        checkKind(of: channel)
      } catch {
        let known = registry.types.keys.sorted().joined(separator: ", ")
        diagnostics.error(
          "channel '\(channel.name)' has the unregistered type '\(error.name)'; registered are: \(known)",
          at: channel.position
        )
      }
      channels.append(channel)
    }
    table = ChannelTable(channels, output: definition.options.output)
  }

  private func checkName(of channel: Channel) {
    let name = channel.name
    let isIdentifier =
      name.first.map { $0 == "_" || $0.isLetter } == true && name.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
    if !isIdentifier {
      diagnostics.error("'\(name)' cannot be a channel name; use letters, digits and '_'", at: channel.position)
    } else if ConditionParser.reservedWords.contains(name) {
      diagnostics.error("'\(name)' is a word of the condition language, not a channel name", at: channel.position)
    }
  }

  private func checkKind(of channel: Channel) {
    let what = "channel '\(channel.name)'"
    switch (channel.kind, channel.type) {
    case (.append, .list), (.messages, .list), (.reduce(.merge), .object), (.reduce(.sum), .int),
      (.reduce(.sum), .double),
      (.reduce(.max), .int), (.reduce(.max), .double), (.reduce(.min), .int), (.reduce(.min), .double),
      (.last, _), (.ephemeral, _), (.untracked, _):
      break
    case (.append, _):
      diagnostics.error("\(what) appends, so its type must be a list, not \(channel.type)", at: channel.position)
    case (.messages, _):
      diagnostics.error("\(what) holds messages, so its type must be a list, not \(channel.type)", at: channel.position)
    case (.reduce(let reducer), _):
      let wanted = reducer == .merge ? "object" : "int or double"
      diagnostics.error(
        "\(what) reduces by \(reducer.rawValue), so its type must be \(wanted), not \(channel.type)",
        at: channel.position
      )
    }
    if channel.allowedTexts != nil, channel.type != .string {
      diagnostics.error("\(what) lists its values, so its type must be string", at: channel.position)
    }
    if let value = channel.defaultValue, channel.normalised(value) == nil {
      diagnostics.error("the default of \(what) is \(value.kindName), not \(channel.expectation)", at: channel.position)
    }
  }

  private mutating func checkNodes() {
    var seen: [String: SourcePosition] = [:]
    for (index, node) in definition.nodes.enumerated() {
      routes.append(Route())
      if node.name == GraphDefinition.start || node.name == GraphDefinition.end {
        diagnostics.error("'\(node.name)' is reserved and cannot name a node", at: node.position)
      } else if !Self.isName(node.name) {
        diagnostics.error(
          "'\(node.name)' cannot be a node name; use letters, digits, '_', '-' and '.'",
          at: node.position
        )
      }
      if let first = seen[node.name] {
        diagnostics.error("node '\(node.name)' is declared twice, first at \(first)", at: node.position)
        continue
      }
      seen[node.name] = node.position
      nodeIndex[node.name] = index
      checkWork(of: node)
    }
    if definition.nodes.isEmpty { diagnostics.error("the graph has no nodes", at: definition.position) }
  }

  private func checkWork(of node: NodeDeclaration) {
    if node.retry.attempts < 1 {
      diagnostics.error("node '\(node.name)' needs at least one attempt", at: node.position)
    }
    if let timeout = node.timeout, timeout <= .zero {
      diagnostics.error("the timeout of node '\(node.name)' must be above zero", at: node.position)
    }
    guard let entry = registry.entry(for: node.work) else {
      if case .graph(let name) = node.work, faultyGraphs.contains(name) { return }
      let missing =
        switch node.work {
        case .function(let name): "function '\(name)', which is not registered"
        case .agent(let id): "agent '\(id)', which does not exist"
        case .graph(let name): "graph '\(name)', which is not registered"
        }
      diagnostics.error("node '\(node.name)' uses \(missing)", at: node.position)
      return
    }
    // A called graph has channels of its own beside those it shares.
    if case .graph = node.work { return }
    for (verb, names) in [("reads", entry.reads), ("writes", entry.writes)] {
      for name in names where table.index[name] == nil {
        diagnostics.error(
          "node '\(node.name)' \(verb) channel '\(name)', which is not declared under 'state'",
          at: node.position
        )
      }
    }
  }

  /// The graphs that nodes call, and theirs.
  private var calledGraphs: [String: Graph] {
    var called: [String: Graph] = [:]
    for node in definition.nodes {
      guard case .graph(let name) = node.work, let graph = registry.graphs[name] else { continue }
      called[name] = graph
      called.merge(graph.subgraphs) { first, _ in first }
    }
    return called
  }

  private func checkSubgraph(_ node: NodeDeclaration) {
    guard case .graph(let name) = node.work, let graph = registry.graphs[name] else { return }
    for (names, verb) in [(graph.inputNames, "takes"), (graph.outputNames, "gives")] {
      for name in names {
        guard let inner = graph.table.index[name].map({ graph.table.channels[$0] }),
          let outer = table.index[name].map({ table.channels[$0] })
        else { continue }
        if inner.type != outer.type {
          diagnostics.error(
            "graph '\(graph.name)' \(verb) '\(name)' as \(inner.type), but here it is \(outer.type)",
            at: node.position
          )
        }
      }
    }
    let shared = Set(graph.outputNames).union(graph.inputNames).filter { table.index[$0] != nil }
    if shared.isEmpty {
      diagnostics.error(
        "node '\(node.name)' calls graph '\(graph.name)', but no channel of this graph is among its input or output",
        at: node.position
      )
    }
  }

  private func checkOptions() {
    let options = definition.options
    for (word, names) in [("input", options.input ?? []), ("output", options.output ?? [])] {
      for name in names {
        guard let index = table.index[name] else {
          diagnostics.error("'\(word)' names channel '\(name)', which is not declared", at: definition.position)
          continue
        }
        if table.channels[index].isPrivate {
          diagnostics.error("channel '\(name)' is private and cannot be '\(word)'", at: table.channels[index].position)
        }
      }
    }
    for name in options.breakBefore + options.breakAfter where nodeIndex[name] == nil {
      diagnostics.error("a breakpoint names '\(name)', which is no node of this graph", at: definition.position)
    }
    if let most = options.concurrency, most < 1 {
      diagnostics.error("the concurrency of the graph must be at least 1", at: definition.position)
    }
    if options.stateVersion < 1 { diagnostics.error("the state version must be at least 1", at: definition.position) }
    if options.runAhead { checkRunningAhead() }
    for node in definition.nodes { checkOptions(of: node) }
  }

  private func checkRunningAhead() {
    let options = definition.options
    for name in options.breakBefore + options.breakAfter {
      diagnostics.error(
        "the graph has a breakpoint at '\(name)', which 'run_ahead' cannot be combined with: others would run past it",
        at: definition.position
      )
    }
    if definition.nodes.count > AheadShape.mostNodes {
      diagnostics.error(
        "'run_ahead' is for graphs of up to \(AheadShape.mostNodes) nodes, not \(definition.nodes.count)",
        at: definition.position
      )
    }
    for node in definition.nodes {
      guard let entry = registry.entry(for: node.work), !entry.saysWhatItTouches else { continue }
      diagnostics.error(
        "node '\(node.name)' does not say which channels it reads and writes, which 'run_ahead' needs to know",
        at: node.position
      )
    }
  }

  private func checkOptions(of node: NodeDeclaration) {
    let options = node.options
    func fault(_ message: String) { diagnostics.error(message, at: node.position) }
    if let most = options.concurrency, most < 1 { fault("the concurrency of node '\(node.name)' must be at least 1") }
    if let time = options.idleTimeout, time <= .zero {
      fault("the idle timeout of node '\(node.name)' must be above zero")
    }
    if let cache = options.cache { checkCache(cache, of: node) }
    for (word, names) in [("goto", options.goto), ("send", options.send)] {
      for name in names where nodeIndex[name] == nil && !(word == "goto" && name == GraphDefinition.end) {
        fault("'\(word)' of node '\(node.name)' names '\(name)', which is no node of this graph")
      }
    }
    if let handler = options.errorHandler {
      if nodeIndex[handler] == nil {
        fault("'on_error' of node '\(node.name)' names '\(handler)', which is no node of this graph")
      } else if handler == node.name {
        fault("node '\(node.name)' cannot be its own error handler")
      }
    }
    checkSubgraph(node)
  }

  private func checkCache(_ cache: CachePolicy, of node: NodeDeclaration) {
    if let lifetime = cache.lifetime, lifetime <= .zero {
      diagnostics.error("the cache of node '\(node.name)' must live longer than zero", at: node.position)
    }
    for name in cache.key where table.index[name] == nil {
      diagnostics.error(
        "the cache key of node '\(node.name)' names channel '\(name)', which is not declared",
        at: node.position
      )
    }
    if cache.key.isEmpty, registry.entry(for: node.work)?.reads.isEmpty != false {
      diagnostics.error(
        "the cache of node '\(node.name)' needs 'key': its function does not say what it reads",
        at: node.position
      )
    }
    if case .graph = node.work {
      diagnostics.error("node '\(node.name)' calls a graph, which cannot be cached", at: node.position)
    }
  }

  /// Adds where nodes may lead without an edge.
  private mutating func readChoices() {
    for (index, node) in definition.nodes.enumerated() {
      let names = node.options.goto + node.options.send + [node.options.errorHandler].compactMap(\.self)
      for name in names { if let target = nodeIndex[name] { routes[index].chosen.insert(target) } }
      routes[index].mayLeaveEdges = !node.options.goto.isEmpty || node.options.errorHandler != nil
      if node.options.goto.contains(GraphDefinition.end) { endsAt.insert(index) }
    }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.count <= 100
      && text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "_-.".contains($0) }
  }

  // MARK: - Edges

  private mutating func readEdges() {
    var seen: Set<EdgeIdentity> = []
    for edge in definition.edges {
      let identity = EdgeIdentity(sources: Set(edge.sources), targets: Set(edge.targets), condition: edge.condition)
      if !seen.insert(identity).inserted {
        diagnostics.error("this edge from \(Self.list(edge.sources)) is declared twice", at: edge.position)
      }
      guard let targets = targets(of: edge), sourcesExist(edge) else { continue }
      if edge.sources.count > 1 {
        readJoin(edge, targets)
      } else if edge.sources[0] == GraphDefinition.start {
        entry = extended(entry, by: edge, to: targets)
      } else if let index = nodeIndex[edge.sources[0]] {
        routes[index] = extended(routes[index], by: edge, to: targets)
        if edge.targets.contains(GraphDefinition.end) { endsAt.insert(index) }
      }
    }
  }

  private struct EdgeIdentity: Hashable {
    let sources: Set<String>
    let targets: Set<String>
    let condition: String?
  }

  /// The target nodes without `end`; nil when something is wrong with them.
  private func targets(of edge: EdgeDeclaration) -> NodeSet? {
    var targets = NodeSet()
    var isSound = true
    if edge.targets.isEmpty {
      diagnostics.error("an edge needs a target", at: edge.position)
      isSound = false
    }
    for name in edge.targets where name != GraphDefinition.end {
      if let index = nodeIndex[name] {
        targets.insert(index)
      } else {
        diagnostics.error(
          name == GraphDefinition.start
            ? "no edge can lead to 'start'" : "an edge leads to '\(name)', which is no node of this graph",
          at: edge.position
        )
        isSound = false
      }
    }
    return isSound ? targets : nil
  }

  private func sourcesExist(_ edge: EdgeDeclaration) -> Bool {
    var isSound = true
    if edge.sources.isEmpty {
      diagnostics.error("an edge needs a source", at: edge.position)
      isSound = false
    }
    for name in edge.sources where nodeIndex[name] == nil {
      if name == GraphDefinition.start, edge.sources.count == 1 { continue }
      diagnostics.error(
        name == GraphDefinition.end
          ? "no edge can leave 'end'"
          : name == GraphDefinition.start
            ? "'start' cannot be part of a join" : "an edge leaves '\(name)', which is no node of this graph",
        at: edge.position
      )
      isSound = false
    }
    return isSound
  }

  private mutating func readJoin(_ edge: EdgeDeclaration, _ targets: NodeSet) {
    let sources = NodeSet(edge.sources.compactMap { nodeIndex[$0] })
    if sources.members.count != edge.sources.count {
      diagnostics.error("this join names a node twice", at: edge.position)
    }
    if edge.condition != nil {
      diagnostics.error(
        "a join cannot have a condition; put the condition on an edge that leaves its target",
        at: edge.conditionPosition
      )
    }
    if edge.targets.contains(GraphDefinition.end) {
      diagnostics.error("a join must lead to nodes; for 'end' give each node its own edge", at: edge.position)
    }
    for source in sources.members {
      routes[source].joins.append(joins.count)
      routes[source].hasUnconditional = true
    }
    let names = sources.members.map { definition.nodes[$0].name }.joined(separator: "+")
    let aims = targets.members.map { definition.nodes[$0].name }.joined(separator: "+")
    joins.append(CompiledJoin(sources: sources, targets: targets, name: "\(names)>\(aims)"))
    joinEdges.append(edge)
  }

  private func extended(_ route: Route, by edge: EdgeDeclaration, to targets: NodeSet) -> Route {
    var route = route
    guard let text = edge.condition else {
      route.hasUnconditional = true
      route.always.formUnion(targets)
      return route
    }
    if text == "otherwise" {
      var all = route.otherwise ?? NodeSet()
      all.formUnion(targets)
      route.otherwise = all
      return route
    }
    do {
      let condition = try ConditionParser.parse(text, channels: table)
      route.conditional.append(Route.Branch(condition: condition, text: text, targets: targets))
    } catch {
      var position = edge.conditionPosition
      position.column += error.offset
      diagnostics.error("condition '\(text)', character \(error.offset + 1): \(error.message)", at: position)
    }
    return route
  }

  private func checkBranches() {
    let places = [(GraphDefinition.start, entry)] + zip(definition.nodes.map(\.name), routes)
    for (name, route) in places where route.otherwise != nil && route.conditional.isEmpty {
      guard let edge = definition.edges.first(where: { $0.sources == [name] && $0.condition == "otherwise" }) else {
        continue
      }
      let hasBroken = definition.edges.contains {
        $0.sources == [name] && $0.condition != nil && $0.condition != "otherwise"
      }
      if hasBroken { continue }
      diagnostics.error("'otherwise' needs another edge with a condition from '\(name)'", at: edge.position)
    }
  }

  // MARK: - Shape

  private func checkShape() {
    let shape = GraphShape(entry: entry, routes: routes, joins: joins, endsAt: endsAt)
    let reachable = shape.reachable(from: entry)
    for (index, node) in definition.nodes.enumerated() where !reachable.contains(index) {
      diagnostics.error("node '\(node.name)' cannot be reached from start", at: node.position)
    }
    let leading = shape.leadingToEnd()
    for (index, node) in definition.nodes.enumerated() where reachable.contains(index) && !leading.contains(index) {
      let isDeadEnd = shape.allTargets(of: routes[index]).isEmpty
      diagnostics.error(
        isDeadEnd
          ? "no edge leaves node '\(node.name)'; add {from: \(node.name), to: end}"
          : "node '\(node.name)' can never reach end; add an edge that leaves the loop",
        at: node.position
      )
    }
    guard !diagnostics.hasErrors else { return }
    for (join, edge) in zip(joins, joinEdges) where !shape.surelyCompletes(join) {
      diagnostics.error(
        "the join \(Self.list(edge.sources)) to \(Self.list(edge.targets)) can starve: "
          + "a condition may let one of its nodes run without the others",
        at: edge.position
      )
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count == 1 ? "'\(names[0])'" : "[\(names.joined(separator: ", "))]"
  }
}

extension GraphDefinition {
  /// The graphs that nodes call.
  fileprivate var calledNames: Set<String> {
    Set(
      nodes.compactMap { node -> String? in
        if case .graph(let name) = node.work { name } else { nil }
      }
    )
  }
}
