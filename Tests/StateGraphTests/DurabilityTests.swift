import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct DurabilityTests {
  @Test(arguments: CheckpointStoreConformance.all)
  func `the memory store does what a checkpoint store must`(check: CheckpointStoreConformance) async throws {
    try await check.check(MemoryCheckpointStore())
  }

  // MARK: - Determinism

  /// A random layered graph with joins, loops and conditions; nodes read what they see and write something made of it.
  private static func randomGraph(seed: UInt64) throws -> Graph {
    var random = SplitMix64(seed: seed)
    var builder = GraphBuilder("g\(seed)", stepLimit: 200)
    builder.channel("trace", .list(of: .int), .append)
    builder.channel("sum", .int, .reduce(.sum))
    builder.channel("bag", .object, .reduce(.merge))
    builder.channel("turns", .int, .reduce(.sum))
    let layers = (0..<Int.random(in: 2...4, using: &random)).map { layer in
      (0..<Int.random(in: 1...6, using: &random)).map { "n\(layer)_\($0)" }
    }
    for name in layers.joined() {
      let salt = Int.random(in: 1...1_000, using: &random)
      builder.node(name) { state, _ in
        for _ in 0..<(salt % 7) { await Task.yield() }
        let seen = (try state.required(StateKey<Int>("sum")) &* 31 &+ salt) % 10_007
        return ["trace": [.int(seen)], "sum": .int(seen), "bag": [name: .int(seen), "last": .int(seen)]]
      }
    }
    builder.node("turn", function: writing(["turns": 1]))
    builder.node("out", function: writing([:]))
    for name in layers[0] { builder.edge(from: "start", to: name) }
    for (upper, lower) in zip(layers, layers.dropFirst()) {
      for name in lower {
        if upper.count > 1, Bool.random(using: &random) {
          builder.join(upper, to: name)
        } else {
          builder.edge(from: upper[Int.random(in: 0..<upper.count, using: &random)], to: name)
        }
      }
      for name in upper { builder.edge(from: name, to: "end") }
    }
    for name in layers[layers.count - 1] { builder.edge(from: name, to: "turn") }
    for name in layers[0] { builder.edge(from: "turn", to: name, when: "turns < 3") }
    builder.edge(from: "turn", to: "out", when: "otherwise")
    builder.edge(from: "out", to: "end")
    return try builder.compile()
  }

  @Test(arguments: UInt64(1)...40)
  func `order of completion never shows in the state`(seed: UInt64) async throws {
    let graph = try Self.randomGraph(seed: seed)
    let alone = try await makeRunner(graph, concurrency: 1).run()
    #expect(alone.record.status == .finished)
    for _ in 0..<3 {
      let together = try await makeRunner(graph, concurrency: 16).run()
      #expect(together.state.values == alone.state.values)
      #expect(together.record.step == alone.record.step)
    }
  }

  // MARK: - Crashes

  /// Counts how often each effect was really done.
  private static func effectful(_ done: Locked<[String: Int]>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    builder.channel("flash", .int, .ephemeral, isOptional: true)
    builder.channel("count", .int, .reduce(.sum))
    for name in ["a", "b", "c"] {
      builder.node(name) { state, context in
        let first: String = try await context.once("first") {
          done.withLock { $0["\(context.step)/\(name)/first", default: 0] += 1 }
          return "\(name)\(context.step)"
        }
        let second: Int = try await context.once("second") {
          done.withLock { $0["\(context.step)/\(name)/second", default: 0] += 1 }
          return first.count
        }
        context.emit("note", ["from": .string(name)])
        return ["log": [.string(first)], "count": .int(second)]
      }
    }
    builder.node("d", function: writing(["flash": 1]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b", "c")
    builder.join(["b", "c"], to: "d")
    builder.edge(from: "d", to: "a", when: "count < 12")
    builder.edge(from: "d", to: "end", when: "otherwise")
    return try builder.compile()
  }

  @Test(arguments: FailingCheckpointStore.Moment.allCases)
  func `a run killed at any write ends as if nothing had happened`(moment: FailingCheckpointStore.Moment) async throws {
    let undisturbed = Locked<[String: Int]>([:])
    let expected = try await makeRunner(Self.effectful(undisturbed)).run()
    #expect(expected.record.status == .finished)
    #expect(undisturbed.current.values.allSatisfy { $0 == 1 })
    var writes = 1
    while true {
      let done = Locked<[String: Int]>([:])
      let graph = try Self.effectful(done)
      let memory = MemoryCheckpointStore()
      let store = FailingCheckpointStore(memory, after: writes, dying: moment)
      let first = makeRunner(graph, store: store)
      do {
        _ = try await first.run()
      } catch is CheckpointFailure {}
      guard store.isDead else { break }
      store.revive()
      let second = makeRunner(graph, store: memory)
      for record in try await second.recoverable() { _ = try await second.resume(record.run).outcome() }
      let outcome = try #require(try await second.outcome(of: "r1"))
      #expect(outcome.record.status == .finished, "after \(writes) writes")
      #expect(outcome.state.values == expected.state.values, "after \(writes) writes")
      #expect(Set(done.current.keys) == Set(undisturbed.current.keys))
      // Only the effect whose own saving was lost may have been done twice.
      let repeated = done.current.values.filter { $0 > 1 }
      #expect(repeated.count <= (moment == .before ? 2 : 1), "after \(writes) writes: \(done.current)")
      let events = try await second.events(of: "r1").all()
      #expect(events.map(\.sequence) == Array(1...events.count))
      #expect(events.last?.type == RunEvent.runFinished)
      writes += 1
    }
    #expect(writes > 15)
  }

  @Test func `an effect is not repeated by a second attempt or a resume`() async throws {
    let calls = Locked(0)
    let isBroken = Locked(true)
    var builder = GraphBuilder("g")
    builder.channel("x", .int)
    builder.node("a", retry: RetryPolicy(attempts: 3)) { _, context in
      let value: Int = try await context.once("call") {
        calls.withLock { calls in
          calls += 1
          return calls
        }
      }
      if isBroken.current { throw Broken() }
      return ["x": .int(value)]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    #expect(try await makeRunner(graph, store: store).run().record.status == .failed)
    isBroken.withLock { $0 = false }
    #expect(try await makeRunner(graph, store: store).resume("r1").outcome().state["x"] == 1)
    #expect(calls.current == 1)
  }

  @Test func `one name for two effects of a node is an error`() async throws {
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      _ = try await context.once("call") { 1 }
      _ = try await context.once("call") { 2 }
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.record.error?.message.contains("'call' is used twice") == true)
  }

  @Test func `a process that lost its run to another can save nothing any more`() async throws {
    let began = Gate()
    let gate = Gate()
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    builder.node("a") { _, context in
      if context.thread == "t1", context.run == "r1" {
        began.open()
        await gate.wait()
      }
      return ["log": ["a"]]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    let slow = makeRunner(graph, store: store, owner: "slow", clock: clock.wallClock)
    let handle = try await slow.start(run: "r1", thread: "t1", input: [:])
    await began.wait()
    let other = makeRunner(graph, store: store, owner: "other", clock: clock.wallClock)
    await #expect(throws: CheckpointFailure.leaseHeld("r1", owner: "slow")) { try await other.resume("r1") }
    clock.advance(by: .seconds(31))
    #expect(try await other.recoverable().map(\.run) == ["r1"])
    let resumed = try await other.resume("r1")
    gate.open()
    #expect(try await resumed.outcome().state["log"] == ["a"])
    await #expect(throws: CheckpointFailure.headMoved("r1")) { try await handle.outcome() }
    #expect(try await other.outcome(of: "r1")?.state["log"] == ["a"])
  }

  @Test func `a run that kills its process again and again is given up`() async throws {
    var builder = GraphBuilder("g")
    builder.node("a", function: writing([:]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let memory = MemoryCheckpointStore()
    let store = FailingCheckpointStore(memory, after: 1)
    await #expect(throws: CheckpointFailure.self) { try await makeRunner(graph, store: store).run() }
    for _ in 0..<2 {
      await #expect(throws: CheckpointFailure.self) {
        try await makeRunner(graph, store: store, recoveries: 2).resume("r1").outcome()
      }
    }
    store.revive()
    let outcome = try await makeRunner(graph, store: store, recoveries: 2).resume("r1").outcome()
    #expect(outcome.record.error?.code == .abandoned)
    let byHand = try await makeRunner(graph, store: store, recoveries: 2).resume("r1").outcome()
    #expect(byHand.record.status == .finished)
  }

  @Test func `leases of runs at work are renewed`() async throws {
    let gate = Gate()
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    var builder = GraphBuilder("g")
    builder.node("a") { _, _ in
      await gate.wait()
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let store = MemoryCheckpointStore()
    let runner = GraphRunner(
      graphs: [try builder.compile()],
      store: store,
      configuration: GraphRunner.Configuration(owner: "me"),
      clock: clock.wallClock,
      sleep: { _ in try await Task.sleep(for: .milliseconds(1)) }
    )
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    clock.advance(by: .seconds(100))
    while try await store.record(of: "r1")?.leaseExpires != clock.now + 30 { await Task.yield() }
    gate.open()
    #expect(try await handle.outcome().record.status == .finished)
  }
}
