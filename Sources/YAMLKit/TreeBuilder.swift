/// Builds the tree of one document from events, and keeps it within the limits.
struct TreeBuilder {
  /// A subtree with what it counts for each time it is repeated.
  private struct Subtree {
    let node: YAMLNode
    let nodes: Int
    let bytes: Int
    let height: Int
  }

  private let events: EventReader
  private let limits: YAMLLimits
  private var anchors: [String: Subtree] = [:]
  private var nodes = 0
  private var bytes = 0

  init(events: EventReader, limits: YAMLLimits) {
    self.events = events
    self.limits = limits
  }

  /// Reads the stream, which has to hold one document.
  mutating func document() throws(YAMLFailure) -> YAMLNode {
    _ = try events.next()  // the start of the stream
    let start = try events.next()
    guard case .documentStart = start.content else { throw start.failure("the text is empty; write a value") }
    let root = try node(from: events.next(), depth: 0).node
    _ = try events.next()  // the end of the document
    let after = try events.next()
    guard case .streamEnd = after.content else {
      throw after.failure("a second document begins here; keep one document in a file")
    }
    return root
  }

  /// The subtree that begins with `event`; `depth` lists and mappings are open around it.
  private mutating func node(from event: Event, depth: Int) throws(YAMLFailure) -> Subtree {
    if case .alias(let name) = event.content { return try alias(name, event, depth: depth) }
    let nodesBefore = nodes
    let bytesBefore = bytes
    try count(nodes: 1, bytes: 0, at: event)
    let (value, height) = try content(of: event, depth: depth)
    let subtree = Subtree(
      node: YAMLNode(value, line: event.place.line, column: event.place.column),
      nodes: nodes - nodesBefore,
      bytes: bytes - bytesBefore,
      height: height
    )
    if let anchor = event.anchor { anchors[anchor] = subtree }
    return subtree
  }

  private mutating func content(of event: Event, depth: Int) throws(YAMLFailure) -> (YAMLNode.Value, height: Int) {
    switch event.content {
    case .scalar(let text, let isPlain):
      try count(nodes: 0, bytes: text.utf8.count, at: event)
      return (.scalar(text, style: try event.style(of: text, isPlain: isPlain)), 0)
    case .sequenceStart:
      try event.check(tag: "seq")
      try checkDepth(depth + 1, at: event)
      return try sequence(depth: depth + 1)
    case .mappingStart:
      try event.check(tag: "map")
      try checkDepth(depth + 1, at: event)
      return try mapping(depth: depth + 1)
    default:
      throw event.failure("a value was expected here")
    }
  }

  private mutating func sequence(depth: Int) throws(YAMLFailure) -> (YAMLNode.Value, height: Int) {
    var items: [YAMLNode] = []
    var height = 0
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.content { return (.sequence(items), height + 1) }
      let item = try node(from: event, depth: depth)
      items.append(item.node)
      height = max(height, item.height)
    }
  }

  private mutating func mapping(depth: Int) throws(YAMLFailure) -> (YAMLNode.Value, height: Int) {
    var entries = MappingEntries()
    var height = 0
    while true {
      let event = try events.next()
      if case .mappingEnd = event.content { return (.mapping(entries.merged()), height + 1) }
      let key = try node(from: event, depth: depth)
      let value = try node(from: events.next(), depth: depth)
      try entries.add(key: key.node, value: value.node, at: event)
      height = max(height, value.height)
    }
  }

  private mutating func alias(_ name: String, _ event: Event, depth: Int) throws(YAMLFailure) -> Subtree {
    guard let subtree = anchors[name] else {
      throw event.failure("the alias *\(name) has no finished anchor &\(name) before it")
    }
    try count(nodes: subtree.nodes, bytes: subtree.bytes, at: event)
    try checkDepth(depth + subtree.height, at: event)
    return subtree
  }

  private mutating func count(nodes newNodes: Int, bytes newBytes: Int, at event: Event) throws(YAMLFailure) {
    nodes += newNodes
    bytes += newBytes
    guard nodes <= limits.nodes else {
      throw event.failure("the text has more than \(limits.nodes) values, aliases included; split it")
    }
    guard bytes <= limits.expandedBytes else {
      throw event.failure("the values have more than \(limits.expandedBytes) bytes, aliases included; split the text")
    }
  }

  private func checkDepth(_ depth: Int, at event: Event) throws(YAMLFailure) {
    guard depth <= limits.depth else { throw event.failure("the nesting is deeper than \(limits.depth); flatten it") }
  }
}
