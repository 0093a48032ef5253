import CoachVocabulary
import StateGraph

/// The graphs whose runs are killed.
///
/// Each node logs that it was executed and does one effect; the state holds a list and a sum to which every node adds,
/// so that an update that is lost or doubled shows.
struct CrashGraphs: Sendable {
  private let log: EffectLog
  private let hold: Hold
  /// How long a node takes beside its effect, so that kills also hit between effects.
  private static let pause = Duration.milliseconds(1)

  /// Makes graphs whose effects go to a log, and in which one task may hold.
  init(log: EffectLog, hold: Hold) {
    self.log = log
    self.hold = hold
  }

  /// The graphs with their names.
  func all() throws -> [Graph] {
    [try chain(), try fanOut(), try joins(), try asks(), try nested(), try loop()]
  }

  // MARK: - Graphs

  private func chain() throws -> Graph {
    var builder = start("chain")
    for name in ["a", "b", "c", "d", "e", "f"] { add(name, to: &builder) }
    builder.edge(from: "start", to: "a")
    for (source, target) in zip(["a", "b", "c", "d", "e"], ["b", "c", "d", "e", "f"]) {
      builder.edge(from: source, to: target)
    }
    builder.edge(from: "f", to: "end")
    return try builder.compile()
  }

  private func fanOut() throws -> Graph {
    var builder = start("fanout")
    add("split", to: &builder, options: NodeOptions(send: ["work"])) { update in
      for number in 1...5 { update.send("work", .int(number)) }
    }
    add("work", to: &builder)
    add("gather", to: &builder)
    builder.edge(from: "start", to: "split")
    builder.edge(from: "work", to: "gather")
    builder.edge(from: "gather", to: "end")
    return try builder.compile()
  }

  private func joins() throws -> Graph {
    var builder = start("joins")
    for name in ["a", "b", "c", "d", "e", "g"] { add(name, to: &builder) }
    for name in ["late", "last"] { add(name, to: &builder, options: NodeOptions(isDeferred: true)) }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b", "c", "g")
    builder.edge(from: "c", to: "d")
    builder.join(["b", "d"], to: "e")
    builder.edge(from: "g", to: "late")
    builder.edge(from: "late", to: "last")
    builder.edge(from: "e", to: "end")
    builder.edge(from: "last", to: "end")
    return try builder.compile()
  }

  private func asks() throws -> Graph {
    var builder = start("asks")
    add("a", to: &builder)
    for name in ["first", "second"] { addQuestion(name, to: &builder) }
    add("beside", to: &builder)
    add("e", to: &builder)
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "first", "second", "beside")
    builder.join(["first", "second", "beside"], to: "e")
    builder.edge(from: "e", to: "end")
    return try builder.compile()
  }

  private func nested() throws -> Graph {
    var inner = start("inner")
    for name in ["x", "y"] { add(name, to: &inner) }
    addQuestion("z", to: &inner)
    inner.edge(from: "start", to: "x")
    inner.edge(from: "x", to: "y")
    inner.edge(from: "y", to: "z")
    inner.edge(from: "z", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = start("nested", registry: registry)
    for name in ["a", "b"] { add(name, to: &builder) }
    builder.node("call", .graph("inner"))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "call")
    builder.edge(from: "call", to: "b")
    builder.edge(from: "b", to: "end")
    return try builder.compile()
  }

  private func loop() throws -> Graph {
    var builder = start("loop")
    for name in ["a", "b"] { add(name, to: &builder) }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "a", when: "sum < 6")
    builder.edge(from: "b", to: "end", when: "otherwise")
    return try builder.compile()
  }

  // MARK: - Parts

  private func start(_ name: String, registry: NodeRegistry = NodeRegistry()) -> GraphBuilder {
    var builder = GraphBuilder(name, registry: registry)
    builder.channel("log", .list(of: .string), .append)
    builder.channel("sum", .int, .reduce(.sum))
    return builder
  }

  private func add(
    _ name: String,
    to builder: inout GraphBuilder,
    options: NodeOptions = NodeOptions(),
    and change: @escaping @Sendable (inout StateUpdate) -> Void = { _ in }
  ) {
    builder.node(name, options: options) { _, context in
      var update = try await work(context)
      change(&update)
      return update
    }
  }

  private func addQuestion(_ name: String, to builder: inout GraphBuilder) {
    builder.node(name) { _, context in
      var update = try await work(context)
      let answer = try await context.ask("go", schema: ValueSchema(.string))
      let later: String = try await effect("after", context)
      update.set("log", .array((update.writes["log"]?.arrayValue ?? []) + [answer, .string(later)]))
      return update
    }
  }

  /// What every node does.
  private func work(_ context: NodeContext) async throws -> StateUpdate {
    try log.add("task \(context.idempotencyKey)")
    try await hold.wait(at: context.idempotencyKey)
    try await Task.sleep(for: Self.pause)
    let value: String = try await effect("effect", context)
    context.emit("worked", ["by": .string(value)])
    return ["log": [.string("\(value) \(context.input.text)")], "sum": 1]
  }

  private func effect(_ name: String, _ context: NodeContext) async throws -> String {
    let key = "\(context.idempotencyKey)/\(name)"
    let value: String = try await context.once(name) {
      try log.add("effect \(key)")
      return key
    }
    try log.add("recorded \(key)")
    return value
  }
}
