import CoachVocabulary
import Persistence
import StateGraph

/// Where the runs of a case are kept.
enum BenchmarkStore: String, Sendable {
  /// Nowhere: runs have no durability.
  case none
  /// In memory, each superstep with its history.
  case memory
  /// In an SQLite file, one durable commit for each superstep, `synchronous = NORMAL`.
  case sqlite

  /// Makes runners for a graph; for `sqlite` they share one file.
  func runners(for graph: Graph, in folder: TemporaryFolder) async throws -> @Sendable () -> GraphRunner {
    let configuration = GraphRunner.Configuration(owner: "bench")
    switch self {
    case .none, .memory:
      return { GraphRunner(graphs: [graph], store: MemoryCheckpointStore(), configuration: configuration) }
    case .sqlite:
      let store = try await MetadataDatabase(path: folder.database).checkpoints(of: .local)
      return { GraphRunner(graphs: [graph], store: store, configuration: configuration) }
    }
  }

  var options: StartOptions { StartOptions(durability: self == .none ? .none : .step) }
}
