import CoachVocabulary
import StateGraph
import Testing

extension ProcessTests {
  /// Two processes and one thread: one writes, the other is refused.
  struct OneWriterTests {
    private static let refused = SubjectProcess.Ending.ended(code: 4)
    private static let finished = SubjectProcess.Ending.ended(code: 0)

    @Test(arguments: StoreKind.available)
    func `of two processes that start a run in one thread, one is refused`(kind: StoreKind) async throws {
      let scene = try await CrashScene(kind, "chain")
      let first = try scene.process("start", owner: "first", run: "r1", holdingAt: "r1/1/a")
      let second = try scene.process("start", owner: "second", run: "r2", holdingAt: "r2/1/a")
      let (loser, winner) = try await SubjectProcess.firstToEnd(of: first, second)
      #expect(loser.ending == Self.refused)
      #expect(loser.lines.last?.contains("thread") == true, "\(loser.lines)")
      #expect(loser.lines.allSatisfy { !$0.hasPrefix("task ") })
      winner.release()
      #expect(try await winner.end() == Self.finished)
      let world = OutsideWorld(try scene.log())
      #expect(world.effects.count == 6)
      #expect(world.faults == [])
      let records = try await scene.withStore { try await $0.records(matching: RunQuery()) }
      #expect(records.count == 1)
    }

    @Test(arguments: StoreKind.available)
    func `of two processes that start the same run, one is refused`(kind: StoreKind) async throws {
      let scene = try await CrashScene(kind, "chain")
      let first = try scene.process("start", owner: "first", holdingAt: "r/1/a")
      let second = try scene.process("start", owner: "second", holdingAt: "r/1/a")
      let (loser, winner) = try await SubjectProcess.firstToEnd(of: first, second)
      #expect(loser.ending == Self.refused)
      winner.release()
      #expect(try await winner.end() == Self.finished)
      let world = OutsideWorld(try scene.log())
      #expect(world.effects.count == 6)
      #expect(world.executedAgain == 0)
    }

    @Test(arguments: StoreKind.available)
    func `of two processes that find a run without owner, one goes on with it`(kind: StoreKind) async throws {
      let wanted = try await CrashScene(kind, "chain").finish()
      let scene = try await CrashScene(kind, "chain")
      let dead = try scene.process("start", owner: "dead", holdingAt: "r/3/c")
      try await dead.wait(forLine: "task r/3/c")
      #expect(try await dead.killNow() == .killed)
      let heirs = [
        try scene.process("takeover", owner: "first", ahead: 1),
        try scene.process("takeover", owner: "second", ahead: 1),
      ]
      let endings = [try await heirs[0].end(), try await heirs[1].end()]
      #expect(endings.allSatisfy { $0 == Self.finished || $0 == Self.refused })
      #expect(heirs.count { heir in heir.lines.contains { $0.hasPrefix("task ") } } == 1)
      #expect(heirs.contains { $0.lines.last == wanted })
      let world = OutsideWorld(try scene.log())
      #expect(world.effects.count == 6)
      #expect(world.executedAgain == 1)
      #expect(world.faults == [])
    }

    @Test(arguments: StoreKind.available)
    func `while the owner of a run lives, nobody else takes it`(kind: StoreKind) async throws {
      let scene = try await CrashScene(kind, "chain")
      let owner = try scene.process("start", owner: "owner", holdingAt: "r/3/c")
      try await owner.wait(forLine: "task r/3/c")
      let thief = try scene.process("resume", owner: "thief")
      #expect(try await thief.end() == Self.refused)
      #expect(thief.lines.allSatisfy { !$0.hasPrefix("task ") })
      owner.release()
      #expect(try await owner.end() == Self.finished)
      #expect(OutsideWorld(try scene.log()).executedAgain == 0)
    }

    @Test(arguments: StoreKind.available)
    func `a process that slept past its lease cannot write any more`(kind: StoreKind) async throws {
      let wanted = try await CrashScene(kind, "chain").finish()
      let scene = try await CrashScene(kind, "chain")
      let sleeper = try scene.process("start", owner: "sleeper", holdingAt: "r/3/c")
      try await sleeper.wait(forLine: "task r/3/c")
      sleeper.suspend()
      let heir = try scene.process("takeover", owner: "heir", ahead: 1, holdingAt: "r/5/e")
      try await heir.wait(forLine: "task r/5/e")
      sleeper.wake()
      sleeper.release()
      #expect(try await sleeper.end() == Self.refused)
      heir.release()
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
}
