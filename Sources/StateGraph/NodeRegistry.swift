/// What a node does: reads the state, may emit events and record effects, returns its writes.
public typealias NodeFunction = @Sendable (StateSnapshot, NodeContext) async throws -> StateUpdate

/// The functions, agents and type names that graph files may mention.
public struct NodeRegistry: Sendable {
  /// A registered function with what it says about itself.
  struct Entry: Sendable {
    let function: NodeFunction
    let reads: [String]
    let writes: [String]
    /// Whether the lists are complete: a function that gives neither may touch anything.
    var saysWhatItTouches: Bool { !reads.isEmpty || !writes.isEmpty }
  }

  private(set) var functions: [String: Entry] = [:]
  private(set) var agents: [String: Entry] = [:]
  private(set) var types: [String: ValueType] = [:]
  private(set) var graphs: [String: Graph] = [:]
  private(set) var duplicates: [String] = []

  /// Makes an empty registry.
  public init() {}

  /// The names of all functions, sorted.
  public var functionNames: [String] { functions.keys.sorted() }

  /// Registers a function for `use: name`; the same name twice is a fault of every graph compiled with this registry.
  ///
  /// - Parameters:
  ///   - name: what graph files call it.
  ///   - reads: the channels it needs; a graph that uses it must declare them.
  ///   - writes: the channels it may write; a graph that uses it must declare them.
  ///   - function: what it does.
  public mutating func register(
    _ name: String,
    reads: [String] = [],
    writes: [String] = [],
    _ function: @escaping NodeFunction
  ) {
    if functions[name] != nil { duplicates.append("function '\(name)'") }
    functions[name] = Entry(function: function, reads: reads, writes: writes)
  }

  /// Registers what `agent: id` runs; parameters as for functions.
  public mutating func register(
    agent id: String,
    reads: [String] = [],
    writes: [String] = [],
    _ function: @escaping NodeFunction
  ) {
    if agents[id] != nil { duplicates.append("agent '\(id)'") }
    agents[id] = Entry(function: function, reads: reads, writes: writes)
  }

  /// Registers a type name that graph files may use, and what its values are in JSON.
  public mutating func register(type name: String, as type: ValueType = .object) {
    if types[name] != nil { duplicates.append("type '\(name)'") }
    types[name] = type
  }

  /// Registers a graph that nodes of other graphs may call (`graph: name`).
  public mutating func register(graph: Graph) {
    if graphs[graph.name] != nil { duplicates.append("graph '\(graph.name)'") }
    graphs[graph.name] = graph
  }

  func entry(for work: NodeDeclaration.Work) -> Entry? {
    switch work {
    case .function(let name): functions[name]
    case .agent(let id): agents[id]
    case .graph(let name): graphs[name].map { Subgraph.entry(calling: $0) }
    }
  }
}
