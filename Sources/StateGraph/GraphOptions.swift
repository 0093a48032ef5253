/// What a graph takes, what it gives, and how it is run.
public struct GraphOptions: Hashable, Sendable {
  /// The channels a start may write (`input:` in a file); nil for all that are not private.
  public var input: [String]?
  /// The channels a finished run gives (`output:`); nil for all that are not private.
  public var output: [String]?
  /// The most nodes of one run at work at the same time (`concurrency:`); nil for the runner's own limit.
  public var concurrency: Int?
  /// Nodes before which a run pauses until it is resumed (`breakpoints: {before: [..]}`).
  public var breakBefore: [String]
  /// Nodes after which a run pauses until it is resumed (`breakpoints: {after: [..]}`).
  public var breakAfter: [String]
  /// Whether independent branches run ahead of slow siblings (`run_ahead:`).
  ///
  /// A node then starts as soon as it is certain that it runs and what it reads can change no more, and the run comes to
  /// the same state as one that goes superstep by superstep. Every node has to say what it reads and writes.
  public var runAhead: Bool
  /// Which shape of state this graph keeps (`state_version:`); raised when saved runs need a migration.
  public var stateVersion: Int

  /// Makes options; without arguments those of a graph that declares none.
  public init(
    input: [String]? = nil,
    output: [String]? = nil,
    concurrency: Int? = nil,
    breakBefore: [String] = [],
    breakAfter: [String] = [],
    runAhead: Bool = false,
    stateVersion: Int = 1
  ) {
    self.input = input
    self.output = output
    self.concurrency = concurrency
    self.breakBefore = breakBefore
    self.breakAfter = breakAfter
    self.runAhead = runAhead
    self.stateVersion = stateVersion
  }
}

/// What most nodes do without.
public struct NodeOptions: Hashable, Sendable {
  /// The most time between two signs of life of one attempt (`idle_timeout:`); events and effects are signs of life.
  public var idleTimeout: Duration?
  /// The most executions of this node at the same time within one run (`concurrency:`).
  public var concurrency: Int?
  /// Whether and how long results are kept for equal inputs (`cache:`).
  public var cache: CachePolicy?
  /// The nodes, or `end`, that an update may name by ``StateUpdate/goto(_:)`` (`goto:`).
  public var goto: [String]
  /// The nodes to which an update may ``StateUpdate/send(_:_:)`` (`send:`).
  public var send: [String]
  /// The node that runs in place of this node's edges when it fails for good (`on_error:`).
  public var errorHandler: String?
  /// Whether it waits until no other node is due (`deferred:`).
  public var isDeferred: Bool
  /// What a subgraph remembers from one call to the next (`memory:`).
  public var memory: SubgraphMemory

  /// Makes options; without arguments those of a plain node.
  public init(
    idleTimeout: Duration? = nil,
    concurrency: Int? = nil,
    cache: CachePolicy? = nil,
    goto: [String] = [],
    send: [String] = [],
    errorHandler: String? = nil,
    isDeferred: Bool = false,
    memory: SubgraphMemory = .call
  ) {
    self.idleTimeout = idleTimeout
    self.concurrency = concurrency
    self.cache = cache
    self.goto = goto
    self.send = send
    self.errorHandler = errorHandler
    self.isDeferred = isDeferred
    self.memory = memory
  }
}

/// How long the results of a node are kept, and what makes two executions equal.
public struct CachePolicy: Hashable, Sendable {
  /// How long a result is good; nil for as long as the cache keeps it.
  public var lifetime: Duration?
  /// The channels that decide, beside the input of a send; empty for those the function says it reads.
  public var key: [String]

  /// Makes a policy.
  public init(lifetime: Duration? = nil, key: [String] = []) {
    self.lifetime = lifetime
    self.key = key
  }
}

/// What a subgraph remembers.
public enum SubgraphMemory: String, Hashable, Sendable, CaseIterable {
  /// Each call starts afresh; a call that was cut off or waits goes on where it was.
  case call
  /// Each call goes on with the state that the call before left, per thread and node.
  case persistent
  /// Nothing is saved; a call that was cut off starts afresh, and it cannot ask or sleep.
  case none
}
