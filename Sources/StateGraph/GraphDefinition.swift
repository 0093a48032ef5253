public import CoachVocabulary

/// A graph as it was declared, in a file or in Swift; nothing in it has been checked yet.
///
/// ## What edges mean
/// When a node has finished and its writes are merged,
/// - every edge without condition fires;
/// - every edge whose condition holds fires, however many do;
/// - an edge with the condition `otherwise` fires when no other condition of that node held;
/// - a node that has only conditional edges of which none holds fails the run, naming the node.
///
/// An edge to `end` leads nowhere: it lets a branch end. The run finishes when no node is due. An edge from several nodes
/// is a join: its target runs once all of them have run. A node reached by several edges in one superstep runs once.
public struct GraphDefinition: Hashable, Sendable {
  /// The name under which runs are recorded.
  public var name: String
  /// What the graph is for, in one sentence.
  public var summary: String
  /// The state, in the order of declaration.
  public var channels: [Channel]
  /// The nodes, in the order of declaration, which is the order in which their writes merge.
  public var nodes: [NodeDeclaration]
  /// The edges, in the order of declaration.
  public var edges: [EdgeDeclaration]
  /// The most supersteps of a run, its waits and recoveries included; a chain of three nodes passes a limit of three.
  ///
  /// A run that failed or was stopped gets as many anew when it is resumed.
  public var stepLimit: Int
  /// What the graph takes, gives and how it is run.
  public var options: GraphOptions
  /// Where it was declared.
  public var position: SourcePosition

  /// The step limit of a graph that declares none.
  public static let defaultStepLimit = 100
  /// The name of the place before the first node.
  public static let start = "start"
  /// The name of the place after the last node.
  public static let end = "end"

  /// Makes a definition.
  public init(
    name: String,
    summary: String = "",
    channels: [Channel] = [],
    nodes: [NodeDeclaration] = [],
    edges: [EdgeDeclaration] = [],
    stepLimit: Int = GraphDefinition.defaultStepLimit,
    options: GraphOptions = GraphOptions(),
    position: SourcePosition
  ) {
    self.name = name
    self.summary = summary
    self.channels = channels
    self.nodes = nodes
    self.edges = edges
    self.stepLimit = stepLimit
    self.options = options
    self.position = position
  }
}

/// One node of a definition.
public struct NodeDeclaration: Hashable, Sendable {
  /// What a node does.
  public enum Work: Hashable, Sendable {
    /// Calls a function registered under this name (`use:` in a file).
    case function(String)
    /// Runs the agent with this id (`agent:` in a file).
    case agent(String)
    /// Runs another graph (`graph:` in a file).
    case graph(String)
  }

  /// The name edges use.
  public var name: String
  /// What it does.
  public var work: Work
  /// Fixed values handed to the function.
  public var parameters: [String: JSONValue]
  /// How often and after which delays it is tried.
  public var retry: RetryPolicy
  /// The most time one attempt may take, or nil for no limit.
  public var timeout: Duration?
  /// Everything else that most nodes do without.
  public var options: NodeOptions
  /// Where it was declared.
  public var position: SourcePosition

  /// Declares a node.
  public init(
    _ name: String,
    _ work: Work,
    parameters: [String: JSONValue] = [:],
    retry: RetryPolicy = .once,
    timeout: Duration? = nil,
    options: NodeOptions = NodeOptions(),
    position: SourcePosition
  ) {
    self.name = name
    self.work = work
    self.parameters = parameters
    self.retry = retry
    self.timeout = timeout
    self.options = options
    self.position = position
  }
}

/// How often a node is tried before its failure fails the run.
public struct RetryPolicy: Hashable, Sendable {
  /// The most attempts, the first included.
  public var attempts: Int
  /// The delay before the second attempt; it doubles with each further one.
  public var delay: Duration
  /// The longest delay.
  public var maximumDelay: Duration

  /// Makes a policy.
  public init(attempts: Int, delay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(30)) {
    self.attempts = attempts
    self.delay = delay
    self.maximumDelay = maximumDelay
  }

  /// One attempt, no retry.
  public static let once = RetryPolicy(attempts: 1)
}

/// One edge of a definition: from one node or all of several, to one or several.
public struct EdgeDeclaration: Hashable, Sendable {
  /// The node it leaves, or the nodes of a join.
  public var sources: [String]
  /// The nodes it leads to.
  public var targets: [String]
  /// The condition under which it fires, or nil for always; `otherwise` for when no other condition held.
  public var condition: String?
  /// Where it was declared.
  public var position: SourcePosition
  /// Where the condition stands.
  public var conditionPosition: SourcePosition

  /// Declares an edge.
  public init(
    from sources: [String],
    to targets: [String],
    when condition: String? = nil,
    position: SourcePosition,
    conditionPosition: SourcePosition? = nil
  ) {
    self.sources = sources
    self.targets = targets
    self.condition = condition
    self.position = position
    self.conditionPosition = conditionPosition ?? position
  }
}
