import CoachVocabulary
import StateGraph
import Testing

/// Two processes and one thread: one writes, the other is refused.
struct OneWriterTests {
  private static let refused = SubjectProcess.Ending.ended(code: 4)
  private static let finished = SubjectProcess.Ending.ended(code: 0)

  @Test(arguments: StoreKind.available)
  func `of two processes that start a run in one thread, one is refused`(kind: StoreKind) async throws {
    let scene = try await CrashScene(kind, "chain", pause: 150)
    let processes = [
      try scene.process("start", owner: "first", run: "r1"), try scene.process("start", owner: "second", run: "r2"),
    ]
    let endings = [try await processes[0].end(), try await processes[1].end()]
    #expect(Set([endings[0] == Self.finished, endings[1] == Self.finished]) == [true, false])
    let loser = processes[endings[0] == Self.finished ? 1 : 0]
    #expect(loser.lines.last?.contains("thread") == true)
    #expect(loser.lines.allSatisfy { !$0.hasPrefix("task ") })
    let world = OutsideWorld(try scene.log())
    #expect(world.effects.count == 6)
    #expect(world.faults == [])
    let records = try await scene.withStore { try await $0.records(matching: RunQuery()) }
    #expect(records.count == 1)
  }

  @Test(arguments: StoreKind.available)
  func `of two processes that start the same run, one is refused`(kind: StoreKind) async throws {
    let scene = try await CrashScene(kind, "chain", pause: 20)
    let processes = [try scene.process("start", owner: "first"), try scene.process("start", owner: "second")]
    let endings = [try await processes[0].end(), try await processes[1].end()]
    #expect(endings.contains(Self.finished))
    #expect(endings.contains(Self.refused))
    let world = OutsideWorld(try scene.log())
    #expect(world.effects.count == 6)
    #expect(world.executedAgain == 0)
  }

  @Test(arguments: StoreKind.available)
  func `of two processes that find a run without owner, one goes on with it`(kind: StoreKind) async throws {
    let wanted = try await CrashScene(kind, "chain").finish()
    let scene = try await CrashScene(kind, "chain", pause: 20)
    let dead = try scene.process("start", owner: "dead", lease: 300)
    try await dead.wait(forLine: "task r/3/c")
    #expect(try await dead.killNow() == .killed)
    let heirs = [try scene.process("takeover", owner: "first"), try scene.process("takeover", owner: "second")]
    let endings = [try await heirs[0].end(), try await heirs[1].end()]
    #expect(endings.allSatisfy { $0 == Self.finished || $0 == Self.refused })
    #expect(heirs.count { heir in heir.lines.contains { $0.hasPrefix("task ") } } == 1)
    #expect(heirs.contains { $0.lines.last == wanted })
    let world = OutsideWorld(try scene.log())
    #expect(world.effects.count == 6)
    #expect(world.executedAgain <= 1)
    #expect(world.faults == [])
  }

  @Test(arguments: StoreKind.available)
  func `a process that slept past its lease cannot write any more`(kind: StoreKind) async throws {
    let wanted = try await CrashScene(kind, "chain").finish()
    let scene = try await CrashScene(kind, "chain", pause: 100)
    let sleeper = try scene.process("start", owner: "sleeper", lease: 900)
    try await sleeper.wait(forLine: "task r/3/c")
    sleeper.suspend()
    let heir = try scene.process("takeover", owner: "heir")
    try await heir.wait(forLine: "task r/5/e")
    sleeper.goOn()
    #expect(try await sleeper.end() == Self.refused)
    #expect(try await heir.end() == Self.finished)
    #expect(heir.lines.last == wanted)
    #expect(sleeper.lines.allSatisfy { !$0.hasPrefix("task r/4") })
    try await scene.withStore { store in
      let events = try await store.events(of: "r", after: 0, limit: 1_000)
      #expect(events.map(\.sequence) == Array(1...events.count))
      #expect(events.count { $0.type == RunEvent.nodeFinished } == 6)
    }
  }
}
