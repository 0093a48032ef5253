import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

/// A node that writes fixed values.
func writing(_ writes: [String: JSONValue]) -> NodeFunction { { _, _ in StateUpdate(writes) } }

/// A runner that never waits for retries and keeps lease renewal out of the way.
func makeRunner(
  _ graph: Graph,
  store: any CheckpointStore = MemoryCheckpointStore(),
  owner: String = "test",
  concurrency: Int = 16,
  recoveries: Int = 5,
  clock: WallClock = .fixed(at: Date(timeIntervalSince1970: 1_750_000_000))
) -> GraphRunner {
  GraphRunner(
    graphs: [graph],
    store: store,
    configuration: GraphRunner.Configuration(
      owner: owner,
      maximumConcurrency: concurrency,
      maximumRecoveries: recoveries
    ),
    clock: clock,
    sleep: { duration in if duration >= .seconds(5) { try await Task.sleep(for: duration) } }
  )
}

extension GraphRunner {
  /// Starts run `r1` and waits for its end.
  func run(_ input: StateUpdate = [:], run: RunID = "r1", timeLimit: Duration? = nil) async throws -> RunOutcome {
    try await start(run: run, thread: "t1", input: input, timeLimit: timeLimit).outcome()
  }
}

extension RunEvents {
  /// Every event until the end.
  func all() async throws -> [RunEvent] {
    var events: [RunEvent] = []
    for try await event in self { events.append(event) }
    return events
  }
}

/// A door that opens once; tasks wait in front of it.
final class Gate: Sendable {
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func open() { continuation.finish() }

  func wait() async { for await _ in stream {} }
}

struct Broken: Error, CustomStringConvertible {
  var description: String { "it broke" }
}

struct Hopeless: RetryAware {
  var mayRetry: Bool { false }
}
