import CoachVocabulary
import StateGraph

/// The graphs that are measured; their nodes do next to nothing, so that the runtime is what costs.
enum BenchmarkGraphs {
  /// Nodes one after the other; each adds one to a channel.
  static func chain(_ count: Int) throws -> Graph {
    var builder = GraphBuilder("chain", stepLimit: count + 1)
    builder.channel("value", .int, defaultValue: 0)
    var previous = "start"
    for index in 0..<count {
      let name = "node\(index)"
      builder.node(name, reads: ["value"], writes: ["value"]) { state, _ in
        try ["value": .int((state["value"]?.intValue ?? 0) + 1)]
      }
      builder.edge(from: previous, to: name)
      previous = name
    }
    builder.edge(from: previous, to: "end")
    return try builder.compile()
  }

  /// One node that sends to a worker many times; each worker adds its input to a list.
  static func fanOut(_ count: Int) throws -> Graph {
    var builder = GraphBuilder("fan-out")
    builder.channel("results", .list(of: .int), .append)
    builder.node("split", options: NodeOptions(send: ["work"])) { _, _ in
      var update = StateUpdate()
      for index in 0..<count { update.send("work", .int(index)) }
      return update
    }
    builder.node("work", writes: ["results"]) { _, context in ["results": .array([context.input])] }
    builder.edge(from: "start", to: "split")
    builder.edge(from: "work", to: "end")
    return try builder.compile()
  }

  /// A turn of a chat: the message comes as input and one node counts it.
  static func chat() throws -> Graph {
    var builder = GraphBuilder("chat")
    builder.channel("messages", .list(of: .object), .messages)
    builder.channel("turns", .int, .reduce(.sum))
    builder.node("answer", writes: ["turns"]) { _, _ in ["turns": 1] }
    builder.edge(from: "start", to: "answer")
    builder.edge(from: "answer", to: "end")
    return try builder.compile()
  }
}
