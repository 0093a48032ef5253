import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

/// Runs that wait until their thread is free.
struct QueueTests {
  private static let now = Date(timeIntervalSince1970: 1_750_000_000)
  private static let queued = StartOptions(continuesThread: true, whenBusy: .queue())

  /// Each run adds its name to the state of the thread; run `r1` waits at the gate.
  private static func graph(_ gate: Gate) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    builder.node("a") { _, context in
      if context.run == "r1" { await gate.wait() }
      return ["log": [.string(context.run.rawValue)]]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    return try builder.compile()
  }

  @Test func `runs of two processes wait in line and are served in the order in which they came`() async throws {
    let gate = Gate()
    let graph = try Self.graph(gate)
    let store = MemoryCheckpointStore()
    let runners = ["one", "two"].map { makeRunner(graph, store: store, owner: $0) }
    _ = try await runners[0].start(run: "r1", thread: "t1", input: [:])
    var handles: [RunHandle] = []
    for number in 2...7 {
      let run = RunID("r\(number)")
      handles.append(try await runners[number % 2].start(run: run, thread: "t1", input: [:], options: Self.queued))
    }
    #expect(try await store.queue(of: "t1").map(\.run) == (2...7).map { RunID("r\($0)") })
    #expect(try await store.record(of: "r2") == nil)
    await #expect(throws: CheckpointFailure.threadBusy("t1", run: "r1")) {
      try await runners[1].start(run: "r8", thread: "t1", input: [:])
    }
    gate.open()
    for handle in handles { #expect(try await handle.outcome().record.status == .finished) }
    let last = try #require(try await runners[0].outcome(of: "r7"))
    #expect(try last.state["log"] == .array((1...7).map { .string("r\($0)") }))
    #expect(try await store.queue(of: nil) == [])
  }

  @Test func `a start that waits survives its process, and its events are told when its turn comes`() async throws {
    let gate = Gate()
    let graph = try Self.graph(gate)
    let store = MemoryCheckpointStore()
    let first = makeRunner(graph, store: store, owner: "first")
    let ahead = try await first.start(run: "r1", thread: "t1", input: [:])
    let dying = FailingCheckpointStore(store, after: 1)
    // Its process can never begin it.
    let lost = makeRunner(graph, store: dying, owner: "lost")
    let waiting = try await lost.start(run: "r2", thread: "t1", input: ["log": ["given"]], options: Self.queued)
    let later = makeRunner(graph, store: store, owner: "later")
    async let events = later.events(of: "r2").all()
    let handles = try await later.recover()
    #expect(handles.map(\.run) == ["r2"])
    #expect(try await later.recover().isEmpty)
    gate.open()
    _ = try await ahead.outcome()
    let outcome = try await handles[0].outcome()
    #expect(try outcome.state["log"] == ["r1", "given", "r2"])
    #expect(try await events.last?.type == RunEvent.runFinished)
    _ = try? await waiting.outcome()
  }

  @Test func `who waits too long is given up, and the next in line is served`() async throws {
    let gate = Gate()
    let clock = ManualClock(Self.now)
    let runner = makeRunner(try Self.graph(gate), clock: clock.wallClock)
    _ = try await runner.start(run: "r1", thread: "t1", input: [:])
    let short = StartOptions(whenBusy: .queue(atMost: .seconds(10)))
    let hasty = try await runner.start(run: "r2", thread: "t1", input: [:], options: short)
    let patient = try await runner.start(run: "r3", thread: "t1", input: [:], options: Self.queued)
    clock.advance(by: .seconds(10))
    await #expect(throws: RunnerFailure.waitedTooLong("r2", "t1")) { try await hasty.outcome() }
    gate.open()
    #expect(try await patient.outcome().state["log"] == ["r1", "r3"])
  }

  @Test func `a start whose base grew while it was read begins with what the run ahead saved last`() async throws {
    let gate = Gate()
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try Self.graph(gate), store: store)
    let ahead = try await runner.start(run: "r1", thread: "t1", input: [:])
    let options = StartOptions(continuesThread: true)
    let next = try await runner.start(run: "r2", thread: "t1", input: [:], options: options) { start in
      gate.open()
      _ = try await ahead.outcome()
      try await store.create(start)
    }
    #expect(try await next.outcome().state["log"] == ["r1", "r2"])
  }

  @Test func `a start in line can be stopped, and one asked for twice waits once`() async throws {
    let gate = Gate()
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try Self.graph(gate), store: store)
    _ = try await runner.start(run: "r1", thread: "t1", input: [:])
    let options = StartOptions(idempotencyKey: "key", whenBusy: .queue())
    let once = try await runner.start(run: "r2", thread: "t1", input: [:], options: options)
    let again = try await runner.start(run: "r3", thread: "t1", input: [:], options: options)
    #expect(again.run == once.run)
    #expect(try await store.queue(of: "t1").map(\.run) == ["r2"])
    #expect(try await runner.stop("r2"))
    await #expect(throws: RunnerFailure.leftLine("r2")) { try await once.outcome() }
    gate.open()
    await #expect(throws: CheckpointFailure.noSuchRun("r9")) { try await runner.stop("r9") }
  }

  @Test func `draining leaves starts in line to the next process`() async throws {
    let gate = Gate()
    let graph = try Self.graph(gate)
    let store = MemoryCheckpointStore()
    let runner = makeRunner(graph, store: store)
    _ = try await runner.start(run: "r1", thread: "t1", input: [:])
    let handle = try await runner.start(run: "r2", thread: "t1", input: [:], options: Self.queued)
    async let drained: Void = runner.drain()
    await #expect(throws: RunnerFailure.draining) { try await handle.outcome() }
    gate.open()
    await drained
    let next = makeRunner(graph, store: store)
    for handle in try await next.recover() { _ = try await handle.outcome() }
    #expect(try await next.outcome(of: "r2")?.record.status == .finished)
  }
}
