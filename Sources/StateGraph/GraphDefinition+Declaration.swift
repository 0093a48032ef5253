public import CoachVocabulary

extension GraphDefinition {
  /// Reads a graph file.
  ///
  /// ```yaml
  /// graph: answer_question
  /// summary: Answers one question.
  /// step_limit: 40
  /// input: [question]
  /// output: [outcome, notes]
  /// breakpoints: {before: [generate]}
  /// state:
  ///   question: {type: string}
  ///   outcome:  {type: string, values: [sure, unsure]}
  ///   frame:    {type: Frame, optional: true}
  ///   attempts: {type: int, reduce: sum, default: 0}
  ///   notes:    {type: [string], append: true}
  ///   scratch:  {type: object, private: true}
  /// nodes:
  ///   parse:    {use: questions.parse, with: {strict: true}}
  ///   generate: {agent: sql_generator, retry: {attempts: 2, delay: 200ms, max_delay: 5s}, timeout: 30s, on_error: repair}
  ///   plan:     {use: plan, send: [look], goto: [parse, end]}
  ///   look:     {use: look, concurrency: 4, idle_timeout: 5s, cache: {lifetime: 1h, key: [question]}}
  ///   detail:   {graph: detail, memory: persistent}
  /// edges:
  ///   - {from: start, to: parse}
  ///   - {from: parse, to: generate, when: 'outcome == "unsure" and attempts < 3'}
  ///   - {from: parse, to: end, when: otherwise}
  ///   - {from: [a, b], to: c}
  /// ```
  ///
  /// What cannot be read is reported and left out, so that a compiler can look at the rest in the same pass.
  public init(reading tree: DeclarationTree, diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "the graph", reporting: diagnostics)
    self.init(name: reader.requiredString("graph") ?? "", position: tree.position)
    summary = reader.string("summary") ?? ""
    stepLimit = reader.int("step_limit", in: 1...1_000_000) ?? Self.defaultStepLimit
    options = Self.options(reader)
    channels = reader.mapping("state").compactMap { Self.channel($0, diagnostics) }
    nodes = reader.mapping("nodes").compactMap { Self.node($0, diagnostics) }
    edges = reader.list("edges").compactMap { Self.edge($0, diagnostics) }
    reader.finish()
  }

  private static func options(_ reader: DeclarationReader) -> GraphOptions {
    var options = GraphOptions()
    if reader.tree("input") != nil { options.input = reader.strings("input") }
    if reader.tree("output") != nil { options.output = reader.strings("output") }
    options.concurrency = reader.int("concurrency", in: 1...10_000)
    options.runAhead = reader.bool("run_ahead") ?? false
    options.stateVersion = reader.int("state_version", in: 1...1_000_000) ?? 1
    if let breakpoints = reader.reader("breakpoints", as: "breakpoints") {
      options.breakBefore = breakpoints.strings("before")
      options.breakAfter = breakpoints.strings("after")
      breakpoints.finish()
    }
    return options
  }

  // MARK: - State

  private static func channel(_ member: DeclarationTree.Member, _ diagnostics: DiagnosticCollector) -> Channel? {
    let what = "channel '\(member.key)'"
    if case .scalar(.string, text: let word) = member.value.content {
      guard let type = type(word, of: what, at: member.value.position, diagnostics) else { return nil }
      return Channel(member.key, type, position: member.position)
    }
    let reader = DeclarationReader(member.value, as: what, reporting: diagnostics)
    let type = reader.requiredTree("type").flatMap { self.type($0, of: what, diagnostics) }
    let kind = kind(reader, of: what)
    let isOptional = reader.bool("optional") ?? false
    let defaultValue = reader.tree("default")?.json
    let isPrivate = reader.bool("private") ?? false
    let texts = reader.tree("values") == nil ? nil : reader.strings("values")
    reader.finish()
    guard let type else { return nil }
    return Channel(
      member.key,
      type,
      kind: kind,
      isOptional: isOptional,
      defaultValue: defaultValue,
      allowedTexts: texts,
      isPrivate: isPrivate,
      position: member.position
    )
  }

  private static func type(
    _ tree: DeclarationTree,
    of what: String,
    _ diagnostics: DiagnosticCollector
  ) -> ValueType? {
    switch tree.content {
    case .scalar(_, text: let word):
      return type(word, of: what, at: tree.position, diagnostics)
    case .list(let items) where items.count == 1:
      return type(items[0], of: what, diagnostics).map { .list(of: $0) }
    default:
      diagnostics.error("the type of \(what) must be a word or a list of one word", at: tree.position)
      return nil
    }
  }

  private static func type(
    _ word: String,
    of what: String,
    at position: SourcePosition,
    _ diagnostics: DiagnosticCollector
  ) -> ValueType? {
    if let type = ValueType(word) { return type }
    diagnostics.error(
      "\(what) has the unknown type '\(word)'; use string, int, double, bool, object, list, any, a list such as "
        + "[string], or a registered type, which begins with a capital",
      at: position
    )
    return nil
  }

  private static func kind(_ reader: DeclarationReader, of what: String) -> Channel.Kind {
    var kinds: [Channel.Kind] = []
    if let reducer = reader.choice("reduce", of: Channel.Reducer.self) { kinds.append(.reduce(reducer)) }
    if reader.bool("append") == true { kinds.append(.append) }
    if reader.bool("messages") == true { kinds.append(.messages) }
    if reader.bool("ephemeral") == true { kinds.append(.ephemeral) }
    if reader.bool("untracked") == true { kinds.append(.untracked) }
    if kinds.count > 1 {
      let message = "\(what) may have one of reduce, append, messages, ephemeral and untracked, not \(kinds.count)"
      reader.diagnostics.error(message, at: reader.position)
    }
    return kinds.first ?? .last
  }

  // MARK: - Nodes

  private static func node(_ member: DeclarationTree.Member, _ diagnostics: DiagnosticCollector) -> NodeDeclaration? {
    let what = "node '\(member.key)'"
    let reader = DeclarationReader(member.value, as: what, reporting: diagnostics)
    let function = reader.string("use")
    let agent = reader.string("agent")
    let parameters = Dictionary(
      reader.mapping("with").map { ($0.key, $0.value.json) },
      uniquingKeysWith: { $1 }
    )
    let retry = reader.reader("retry", as: "retry of \(what)").map(retry) ?? .once
    let timeout = duration("timeout", of: reader)
    let graph = reader.string("graph")
    let options = options(of: what, reader)
    reader.finish()
    let work: NodeDeclaration.Work
    switch (function, agent, graph) {
    case (let name?, nil, nil): work = .function(name)
    case (nil, let id?, nil): work = .agent(id)
    case (nil, nil, let name?): work = .graph(name)
    default:
      diagnostics.error("\(what) needs either 'use' or 'agent' or 'graph'", at: member.position)
      return nil
    }
    return NodeDeclaration(
      member.key,
      work,
      parameters: parameters,
      retry: retry,
      timeout: timeout,
      options: options,
      position: member.position
    )
  }

  private static func options(of what: String, _ reader: DeclarationReader) -> NodeOptions {
    NodeOptions(
      idleTimeout: duration("idle_timeout", of: reader),
      concurrency: reader.int("concurrency", in: 1...10_000),
      cache: reader.reader("cache", as: "cache of \(what)").map { cache in
        let policy = CachePolicy(lifetime: duration("lifetime", of: cache), key: cache.strings("key"))
        cache.finish()
        return policy
      },
      goto: reader.strings("goto"),
      send: reader.strings("send"),
      errorHandler: reader.string("on_error"),
      isDeferred: reader.bool("deferred") ?? false,
      memory: reader.choice("memory", of: SubgraphMemory.self) ?? .call
    )
  }

  private static func retry(_ reader: DeclarationReader) -> RetryPolicy {
    var policy = RetryPolicy(attempts: reader.int("attempts", in: 1...100) ?? 1)
    policy.delay = duration("delay", of: reader) ?? policy.delay
    policy.maximumDelay = duration("max_delay", of: reader) ?? policy.maximumDelay
    reader.finish()
    return policy
  }

  private static func duration(_ key: String, of reader: DeclarationReader) -> Duration? {
    guard let text = reader.string(key) else { return nil }
    if let duration = Duration(spelled: text) { return duration }
    let message = "'\(key)' must be a duration above zero such as 500ms, 30s, 5m or 1h, not '\(text)'"
    reader.diagnostics.error(message, at: reader.position(of: key))
    return nil
  }

  // MARK: - Edges

  private static func edge(_ tree: DeclarationTree, _ diagnostics: DiagnosticCollector) -> EdgeDeclaration? {
    let reader = DeclarationReader(tree, as: "an edge", reporting: diagnostics)
    let present = reader.requiredTree("from") != nil && reader.requiredTree("to") != nil
    let edge = EdgeDeclaration(
      from: reader.strings("from"),
      to: reader.strings("to"),
      when: reader.string("when"),
      position: tree.position,
      conditionPosition: reader.position(of: "when")
    )
    reader.finish()
    return present ? edge : nil
  }
}

extension Duration {
  /// Reads a whole number with the unit `ms`, `s`, `m` or `h`; nil for anything else, for zero, and beyond a year.
  init?(spelled text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard digits.count <= 10, let count = Int(digits), count > 0 else { return nil }
    let milliseconds: Int
    switch text.dropFirst(digits.count) {
    case "ms": milliseconds = count
    case "s": milliseconds = count * 1_000
    case "m": milliseconds = count * 60_000
    case "h": milliseconds = count * 3_600_000
    default: return nil
    }
    guard milliseconds <= 366 * 24 * 3_600_000 else { return nil }
    self = .milliseconds(milliseconds)
  }
}
