import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import StateGraph
import Testing

struct RunEventsTests {
  /// Emits `count` words, waiting at the gate in the middle.
  private func talking(_ count: Int, gate: Gate? = nil) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.node("talk") { _, context in
      for index in 0..<count {
        if index == count / 2 { await gate?.wait() }
        context.emit("token", ["text": .int(index)])
      }
      return [:]
    }
    builder.node("rest", function: writing([:]))
    builder.edge(from: "start", to: "talk")
    builder.edge(from: "talk", to: "rest")
    builder.edge(from: "rest", to: "end")
    return try builder.compile()
  }

  @Test func `events come in order, without gaps, and end with the terminal one`() async throws {
    let handle = try await makeRunner(talking(3)).start(run: "r1", thread: "t1", input: [:])
    let events = try await handle.events.all()
    #expect(
      events.map(\.type) == [
        "run_started", "node_started", "token", "token", "token", "node_finished", "step_finished", "node_started",
        "node_finished", "step_finished", "run_finished",
      ]
    )
    #expect(events.map(\.sequence) == Array(1...11))
    #expect(events.allSatisfy { $0.run == "r1" })
    #expect(events[1].data == ["node": "talk", "step": 1])
    #expect(events[10].data == ["steps": 2])
  }

  @Test func `what a node emits is seen while the node still works`() async throws {
    let gate = Gate()
    let handle = try await makeRunner(talking(4, gate: gate)).start(run: "r1", thread: "t1", input: [:])
    var iterator = handle.events.makeAsyncIterator()
    var seen: [String] = []
    for _ in 0..<4 { seen.append(try #require(try await iterator.next()).type) }
    #expect(seen == ["run_started", "node_started", "token", "token"])
    gate.open()
    while let event = try await iterator.next() { seen.append(event.type) }
    #expect(seen.last == "run_finished")
    #expect(seen.count == 12)
  }

  @Test(arguments: [0, 1, 700, 1_999, 2_006, 2_007, 5_000])
  func `a reader goes on after any number, during the run and after it`(after: Int) async throws {
    let gate = Gate()
    let runner = makeRunner(try talking(2_000, gate: gate))
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    async let early = runner.events(of: "r1", after: after <= 1 ? after : 1).all()
    gate.open()
    let live = try await early.map(\.sequence)
    #expect(live == Array((after <= 1 ? after : 1) + 1...2_008))
    _ = try await handle.outcome()
    let late = try await runner.events(of: "r1", after: after).all().map(\.sequence)
    #expect(late == Array(min(after, 2_008) + 1..<2_009))
  }

  @Test func `many readers of one run all see everything`() async throws {
    let gate = Gate()
    let runner = makeRunner(try talking(1_500, gate: gate))
    _ = try await runner.start(run: "r1", thread: "t1", input: [:])
    let counts = try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 { group.addTask { try await runner.events(of: "r1").all().map(\.sequence) } }
      gate.open()
      return try await group.reduce(into: [[Int]]()) { $0.append($1) }
    }
    #expect(counts == Array(repeating: Array(1...1_508), count: 8))
  }

  @Test func `a cancelled reader ends, the run does not`() async throws {
    let gate = Gate()
    let runner = makeRunner(try talking(2, gate: gate))
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    let waiting = Gate()
    let reader = Task {
      for try await event in runner.events(of: "r1") where event.type == "token" { waiting.open() }
    }
    await waiting.wait()
    reader.cancel()
    try await reader.value
    gate.open()
    #expect(try await handle.outcome().record.status == .finished)
  }

  @Test func `a reader of an unknown run is told so`() async throws {
    let runner = makeRunner(try talking(1))
    await #expect(throws: CheckpointFailure.noSuchRun("r5")) { try await runner.events(of: "r5").all() }
  }

  @Test func `a reader learns that the run was lost`() async throws {
    let gate = Gate()
    let store = FailingCheckpointStore(MemoryCheckpointStore(), after: 1)
    let runner = makeRunner(try talking(2, gate: gate), store: store)
    _ = try await runner.start(run: "r1", thread: "t1", input: [:])
    var iterator = runner.events(of: "r1").makeAsyncIterator()
    _ = try await iterator.next()
    gate.open()
    await #expect(throws: CheckpointFailure.self) { while try await iterator.next() != nil {} }
  }

  @Test func `a node that uses an event type of the runtime fails`() async throws {
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      context.emit("run_finished", [:])
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    let outcome = try await runner.run()
    #expect(outcome.record.error?.message.contains("'run_finished'") == true)
    #expect(try await runner.events(of: "r1").all().map(\.type).suffix(2) == ["node_failed", "run_failed"])
  }

  @Test func `nothing is told after the node has returned`() async throws {
    let leaked = Locked<NodeContext?>(nil)
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      leaked.withLock { $0 = context }
      return [:]
    }
    builder.node("b") { _, _ in
      leaked.current?.emit("late", [:])
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "end")
    let runner = makeRunner(try builder.compile())
    _ = try await runner.run()
    #expect(try await runner.events(of: "r1").all().contains { $0.type == "late" } == false)
    // The context leads to its node, which holds this box: a ring that LeakSanitizer would report.
    leaked.withLock { $0 = nil }
  }

  @Test func `a failed run that is resumed goes on numbering, and late readers see both parts`() async throws {
    let isBroken = Locked(true)
    var builder = GraphBuilder("g")
    builder.node("a") { _, _ in
      if isBroken.current { throw Broken() }
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    _ = try await runner.run()
    isBroken.withLock { $0 = false }
    _ = try await runner.resume("r1").outcome()
    let events = try await runner.events(of: "r1").all()
    #expect(
      events.map(\.type) == [
        "run_started", "node_started", "node_failed", "run_failed", "run_resumed", "node_started", "node_finished",
        "step_finished", "run_finished",
      ]
    )
    #expect(events.map(\.sequence) == Array(1...9))
  }

  @Test func `a reader that waited through a pause sees the resumed run live`() async throws {
    let isBroken = Locked(true)
    let gate = Gate()
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      if isBroken.current { throw Broken() }
      context.emit("word", [:])
      await gate.wait()
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    _ = try await runner.run()
    isBroken.withLock { $0 = false }
    let handle = try await runner.resume("r1")
    var iterator = runner.events(of: "r1", after: 4).makeAsyncIterator()
    var types: [String] = []
    for _ in 0..<3 { types.append(try #require(try await iterator.next()).type) }
    #expect(types == ["run_resumed", "node_started", "word"])
    gate.open()
    while let event = try await iterator.next() { types.append(event.type) }
    #expect(types.suffix(2) == ["step_finished", "run_finished"])
    #expect(try await handle.outcome().record.status == .finished)
  }
}
