import CoachVocabulary
import FoundationEssentials
import Persistence
import StateGraph

/// A runner over a file that is opened anew for each part of a test, as by a process that was started again.
final class RestartableRunner {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "coach-restart-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Opens the file, works with it, and closes it.
  @discardableResult
  func process<Value>(
    _ graphs: Graph...,
    work: (GraphRunner, any CheckpointStore) async throws -> Value
  ) async throws -> Value {
    let database = try await MetadataDatabase(path: "\(folder)/runs.sqlite")
    let store = database.checkpoints(of: .local)
    let runner = GraphRunner(
      graphs: graphs,
      store: store,
      cache: database.nodeCache(of: .local),
      configuration: GraphRunner.Configuration(owner: "coach"),
      sleep: { duration in if duration >= .seconds(1) { try await Task.sleep(for: duration) } }
    )
    do {
      let value = try await work(runner, store)
      await runner.drain()
      await database.close()
      return value
    } catch {
      await runner.drain()
      await database.close()
      throw error
    }
  }
}

/// What a node throws that is to fail.
struct Broken: Error, CustomStringConvertible {
  var description: String { "it broke" }
}

extension GraphBuilder {
  /// Declares edges from the start through nodes to the end.
  mutating func line(_ nodes: String...) {
    for (source, target) in zip(["start"] + nodes, nodes + ["end"]) { edge(from: source, to: target) }
  }
}
