import CoachVocabulary
import ConcurrencyKit
import StateGraph
import Testing

extension ProcessTests {
  /// `kill -9` at random moments; 204 on SQLite and 120 on PostgreSQL.
  struct KillTests {
    /// What is killed, where and how often.
    struct Plan: CustomTestStringConvertible, Sendable {
      let graph: String
      let kind: StoreKind

      var kills: Int { kind == .sqlite ? 34 : 20 }
      var testDescription: String { "\(graph) on \(kind.rawValue), \(kills) kills" }

      /// The same moments in each test run, as far as the machine allows.
      var randomness: SplitMix64 {
        SplitMix64(seed: (graph + kind.rawValue).utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
      }

      static var all: [Plan] {
        StoreKind.available.flatMap { kind in
          ["chain", "fanout", "joins", "asks", "nested", "loop"].map { Plan(graph: $0, kind: kind) }
        }
      }
    }

    /// What all runs of a plan showed.
    private struct Tally {
      var kills = 0
      var runs = 0
      var repeated = 0
      var executedAgain = 0
      var executedAfterEffect = 0
    }

    @Test(arguments: Plan.all)
    func `a run that is killed at any moment ends as if nothing had happened`(plan: Plan) async throws {
      let undisturbed = try await CrashScene(plan.kind, plan.graph)
      let wanted = try await undisturbed.finish()
      let wantedWorld = OutsideWorld(try undisturbed.log())
      let lines = try undisturbed.log().count
      var randomness = plan.randomness
      var tally = Tally()
      while tally.kills < plan.kills {
        let scene = try await CrashScene(plan.kind, plan.graph)
        let outcome = try await Self.torment(scene, plan, lines: lines, &randomness, &tally)
        let world = OutsideWorld(try scene.log())
        #expect(outcome == wanted)
        #expect(world.effects == wantedWorld.effects)
        #expect(world.faults == [])
        try await Self.checkEvents(of: scene)
        tally.runs += 1
        tally.repeated += world.repeated
        tally.executedAgain += world.executedAgain
        tally.executedAfterEffect += world.executedAfterEffect
      }
      print(
        "\(plan.testDescription): \(tally.runs) runs, \(tally.repeated) effects came again under their key,",
        "\(tally.executedAgain) unsaved executions were repeated, \(tally.executedAfterEffect) with a saved effect"
      )
    }

    /// Starts and kills processes until the run is finished; gives what the last one said.
    private static func torment(
      _ scene: CrashScene,
      _ plan: Plan,
      lines: Int,
      _ randomness: inout SplitMix64,
      _ tally: inout Tally
    ) async throws -> String {
      for _ in 0..<100 {
        let process = try scene.process(
          death: tally.kills < plan.kills ? Self.death(lines: lines, &randomness) : nil
        )
        if try await process.end() == .killed {
          tally.kills += 1
          continue
        }
        guard try await process.end() == .ended(code: 0), let outcome = process.lines.last else {
          throw ProcessFailure("the run does not go on: \(process.lines.suffix(3))")
        }
        if outcome.hasPrefix("outcome finished") { return outcome }
      }
      throw ProcessFailure("the run does not come to its end")
    }

    /// Any moment, from the start of the process to half of the run's lines.
    private static func death(lines: Int, _ randomness: inout SplitMix64) -> SubjectProcess.Death {
      let count = Int.random(in: 0...max(2, lines / 2), using: &randomness)
      // Before its first line the process starts up, opens the store and takes the run over, which takes longer.
      let longest = count == 0 ? 40_000 : 3_000
      return SubjectProcess.Death(
        lines: count,
        delay: .microseconds(Int.random(in: 0...longest, using: &randomness))
      )
    }

    /// Events have numbers without gaps, and no task is finished twice.
    private static func checkEvents(of scene: CrashScene) async throws {
      try await scene.withStore { store in
        let events = try await store.events(of: "r", after: 0, limit: 10_000)
        #expect(events.map(\.sequence) == Array(1...max(1, events.count)))
        #expect(events.last?.type == RunEvent.runFinished)
        let tasks = try await store.checkpoints(of: "r", before: .max, limit: 1_000).flatMap(\.finishedTasks)
        let names = tasks.map { "\($0.step)/\($0.node)" }
        #expect(names.count == Set(names).count)
      }
    }
  }
}
