import CoachVocabulary
import StateGraph
import Testing

extension ProcessTests {
  /// What a recorded run does when it is done again.
  struct ReplayTests {
    @Test(arguments: StoreKind.available, ["chain", "loop", "fanout", "joins", "asks", "nested"])
    func `a replay of a recorded run gives the same events and the same state`(
      kind: StoreKind,
      graph: String
    ) async throws {
      let scene = try await CrashScene(kind, graph)
      let recorded = try await scene.finish()
      let replayed = try await scene.finish(run: "again", beginningWith: "replay")
      #expect(replayed.replacing("\"again/", with: "\"r/") == recorded)
      try await scene.withStore { store in
        let first = try await Self.events(of: "r", in: store)
        let second = try await Self.events(of: "again", in: store)
        #expect(first.count > 6)
        // Tasks of one superstep run side by side, so that the order of their events is not that of the first time.
        let isInOrder = ["chain", "loop"].contains(graph)
        #expect(isInOrder ? first == second : first.sorted() == second.sorted())
      }
    }

    /// The events without what tells one run from another and one moment from another.
    private static func events(of run: RunID, in store: any CheckpointStore) async throws -> [String] {
      try await store.events(of: run, after: 0, limit: 10_000).map { event in
        guard event.type != RunEvent.runStarted else { return event.type }
        return "\(event.type) \(comparable(event.data).text.replacing("\"\(run)/", with: "\"run/"))"
      }
    }

    /// Events of subgraphs lie within those of the calling run.
    private static func comparable(_ data: JSONValue) -> JSONValue {
      var parts = data.objectValue ?? [:]
      for name in ["duration_ms", "asked_at", "askedAt", "wake_at", "sequence"] { parts[name] = nil }
      if let inner = parts["data"] { parts["data"] = comparable(inner) }
      return .object(parts)
    }
  }
}
