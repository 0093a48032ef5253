import CoachAPI
import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence
import StateGraph
import Testing

@testable import CoachApp

@Suite struct RecoveryTests {
  /// Copies a database as a crash would leave it: the file with what is in its write-ahead log.
  private func copy(_ path: String) throws -> String {
    let target = Shipped.temporary("crashed.db")
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: target + suffix)
    }
    return target
  }

  @Test(arguments: ["test", "another"])
  func `a run whose process died is finished by the next one, with one answer`(owner: String) async throws {
    let slow = ScriptedExchange(match: "You write SQL", reply: "x", firstDelay: .seconds(30))
    try await withModel([slow, .sql(ScriptedExchange.goodSQL), .wording("Done.")]) { server in
      let metadata = Shipped.temporary("first.db")
      let first = try await RunningCoach(local: server.baseURL, metadata: metadata)
      let run = try await first.application.ask(ChatRequest(message: ScriptedExchange.hardQuestion))
      try await eventually { !server.requests.isEmpty }
      // The file as it is now, in the midst of the model call, is what a killed process leaves.
      let left = try copy(metadata)
      try await first.application.stop(run.runID)
      await first.application.shutdown()

      let second = try await RunningCoach(local: server.baseURL, metadata: left, owner: owner)
      if owner == "test" {
        #expect(await second.application.recover() == (1, 0))
      } else {
        // Another name may take over only when the lease is over.
        #expect(await second.application.recover() == (0, 0))
        await second.application.shutdown()
        return
      }
      var events: [CoachEvent] = []
      for await event in try await second.application.events(of: run.runID, after: 0) { events.append(event) }
      #expect(events.isRising)
      #expect(events.last?.data["outcome"] == "answer")
      #expect(events.filter { $0.type == CoachEvent.answer }.count == 1)
      let session = try await second.application.session(run.sessionID)
      #expect(session["messages"]?.arrayValue?.map { $0["role"] } == ["user", "assistant"])
      #expect(await second.application.recover() == (0, 0))
      await second.application.shutdown()
    }
  }

  @Test func `a shutdown leaves the run to the next process`() async throws {
    let slow = ScriptedExchange.wording("Never mind.", delay: .milliseconds(200))
    try await withModel([.sql(ScriptedExchange.goodSQL, times: 0), slow, .wording("Done.", times: 0)]) { server in
      let metadata = Shipped.temporary("first.db")
      let first = try await RunningCoach(local: server.baseURL, metadata: metadata)
      let run = try await first.application.ask(ChatRequest(message: ScriptedExchange.hardQuestion))
      let reading = Task { try await first.reply(to: run) }
      try await eventually { server.requests.count == 2 }
      await first.application.shutdown()
      let cut = try await reading.value
      #expect(cut.events.last?.type == CoachEvent.runFinished)

      let second = try await RunningCoach(local: server.baseURL, metadata: metadata, owner: "next")
      _ = await second.application.recover()
      var events: [CoachEvent] = []
      for await event in try await second.application.events(of: run.runID, after: 0) { events.append(event) }
      #expect(events.last?.data["outcome"] == "answer")
      #expect(events.filter { $0.type == CoachEvent.runFinished }.count == 1)
      let session = try await second.application.session(run.sessionID)
      #expect(session["messages"]?.arrayValue?.map { $0["role"] } == ["user", "assistant"])
      await second.application.shutdown()
    }
  }
}
