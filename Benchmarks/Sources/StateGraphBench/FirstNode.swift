import CoachVocabulary
import Glibc
import StateGraph

/// What a fresh process does whose start-up is measured: it makes a graph of 100 nodes, starts a run, and says so from
/// its first node.
enum FirstNode {
  static func run() async throws {
    var builder = GraphBuilder("first", stepLimit: 101)
    builder.channel("value", .int, isOptional: true)
    builder.node("node0") { _, _ in
      FileDescriptors.write("\n", to: STDOUT_FILENO)
      return [:]
    }
    builder.edge(from: "start", to: "node0")
    for index in 1..<100 {
      builder.node("node\(index)") { _, _ in [:] }
      builder.edge(from: "node\(index - 1)", to: "node\(index)")
    }
    builder.edge(from: "node99", to: "end")
    let runner = GraphRunner(
      graphs: [try builder.compile()],
      store: MemoryCheckpointStore(),
      configuration: GraphRunner.Configuration(owner: "bench")
    )
    _ = try await runner.start(run: "first", thread: "first", input: [:]).outcome()
  }
}
