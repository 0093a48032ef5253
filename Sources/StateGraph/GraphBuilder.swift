public import CoachVocabulary

/// Declares a graph in Swift; the same rules as in a graph file hold, and faults name the line that declared the part.
public struct GraphBuilder {
  /// The definition so far.
  public private(set) var definition: GraphDefinition
  /// The functions given with the nodes, beside those registered elsewhere.
  public private(set) var registry: NodeRegistry

  /// Starts a graph.
  public init(
    _ name: String,
    stepLimit: Int = GraphDefinition.defaultStepLimit,
    options: GraphOptions = GraphOptions(),
    registry: NodeRegistry = NodeRegistry(),
    file: String = #fileID,
    line: Int = #line
  ) {
    let position = SourcePosition(file: file, line: line)
    definition = GraphDefinition(name: name, stepLimit: stepLimit, options: options, position: position)
    self.registry = registry
  }

  /// Declares a channel.
  public mutating func channel(
    _ name: String,
    _ type: ValueType,
    _ kind: Channel.Kind = .last,
    isOptional: Bool = false,
    defaultValue: JSONValue? = nil,
    allowedTexts: [String]? = nil,
    isPrivate: Bool = false,
    file: String = #fileID,
    line: Int = #line
  ) {
    definition.channels.append(
      Channel(
        name,
        type,
        kind: kind,
        isOptional: isOptional,
        defaultValue: defaultValue,
        allowedTexts: allowedTexts,
        isPrivate: isPrivate,
        position: SourcePosition(file: file, line: line)
      )
    )
  }

  /// Declares a node with its function; `reads` and `writes` are checked against the channels.
  public mutating func node(
    _ name: String,
    retry: RetryPolicy = .once,
    timeout: Duration? = nil,
    options: NodeOptions = NodeOptions(),
    reads: [String] = [],
    writes: [String] = [],
    file: String = #fileID,
    line: Int = #line,
    function: @escaping NodeFunction
  ) {
    let key = "\(definition.name)/\(name)"
    if registry.functions[key] == nil { registry.register(key, reads: reads, writes: writes, function) }
    declare(name, .function(key), [:], retry, timeout, options, SourcePosition(file: file, line: line))
  }

  /// Declares a node whose function or agent is registered under a name.
  public mutating func node(
    _ name: String,
    _ work: NodeDeclaration.Work,
    parameters: [String: JSONValue] = [:],
    retry: RetryPolicy = .once,
    timeout: Duration? = nil,
    options: NodeOptions = NodeOptions(),
    file: String = #fileID,
    line: Int = #line
  ) {
    declare(name, work, parameters, retry, timeout, options, SourcePosition(file: file, line: line))
  }

  /// Declares an edge, with a condition in the language of graph files or without.
  public mutating func edge(
    from source: String,
    to targets: String...,
    when condition: String? = nil,
    file: String = #fileID,
    line: Int = #line
  ) {
    let position = SourcePosition(file: file, line: line)
    definition.edges.append(EdgeDeclaration(from: [source], to: targets, when: condition, position: position))
  }

  /// Declares that a node runs once all of several have run.
  public mutating func join(_ sources: [String], to target: String, file: String = #fileID, line: Int = #line) {
    let position = SourcePosition(file: file, line: line)
    definition.edges.append(EdgeDeclaration(from: sources, to: [target], position: position))
  }

  /// The checked graph.
  ///
  /// - Throws: ``GraphFaults`` with every fault.
  public func compile() throws(GraphFaults) -> Graph {
    try GraphCompiler.compile(definition, registry: registry)
  }

  private mutating func declare(
    _ name: String,
    _ work: NodeDeclaration.Work,
    _ parameters: [String: JSONValue],
    _ retry: RetryPolicy,
    _ timeout: Duration?,
    _ options: NodeOptions,
    _ position: SourcePosition
  ) {
    definition.nodes.append(
      NodeDeclaration(
        name,
        work,
        parameters: parameters,
        retry: retry,
        timeout: timeout,
        options: options,
        position: position
      )
    )
  }
}
