import CoachVocabulary
import FoundationEssentials
import Glibc
import Testing

/// `coach graph` as a person and a script meet it: real processes, exit statuses, both outputs.
@Suite(.timeLimit(.minutes(5)))
struct GraphTests {
  private static let message = #"{"message": "What was revenue last month?"}"#

  /// Two graphs of which one calls the other, which asks.
  private static let approval = """
    graph: approval
    state:
      decision: {type: bool, default: false}
    nodes:
      approve: {use: person.ask, with: {question: "Send it?", writes: decision}}
    edges:
      - {from: start, to: approve}
      - {from: approve, to: end}
    """
  private static let letter = """
    graph: letter
    summary: A letter that somebody has to approve.
    state:
      decision: {type: bool, default: false}
    nodes:
      ask: {graph: approval}
    edges:
      - {from: start, to: ask}
      - {from: ask, to: end}
    """

  private static func withLetters() throws -> Coach {
    var coach = try Coach.withoutData()
    let project = try ProjectCopy()
    try project.folder.write(approval, to: "graphs/approval.yaml")
    try project.folder.write(letter, to: "graphs/letter.yaml")
    coach.project = project
    return coach
  }

  // MARK: - Files

  @Test func `sound graphs, one calling the other, are checked without a word on standard output`() async throws {
    let coach = try Self.withLetters()
    let result = try await coach.run("graph", "check")
    #expect(result.status == 0)
    #expect(result.output == "")
    #expect(result.errors == "no errors\n")
    #expect(try await coach.run("graph", "check", "--json").json() == [])
  }

  @Test func `faults of graphs come with file and line, and status 1`() async throws {
    let coach = try Self.withLetters()
    let line = try #require(coach.project).replace(
      "{graph: approval}",
      with: "{graph: aproval}",
      in: "graphs/letter.yaml"
    )
    let result = try await coach.run("graph", "check")
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("graphs/letter.yaml:\(line): error: node 'ask' uses graph 'aproval'"))
    #expect(result.errors == "1 error\n")
    let findings = try await coach.run("graph", "check", "--json").json().arrayValue
    #expect(findings?.first?["file"] == "graphs/letter.yaml")
    #expect(findings?.first?["line"] == .int(line))
    #expect(findings?.first?["severity"] == "error")

    let drawing = try await coach.run("graph", "draw", "coach")
    #expect(drawing.status == 1)
    #expect(drawing.output == "")
    #expect(drawing.errors.contains("graphs/letter.yaml:\(line): error: "))
  }

  @Test func `one file is checked by its path`() async throws {
    let coach = try Self.withLetters()
    let draft = try coach.folder.write(Self.letter.replacing("letter", with: "draft"), to: "draft.yaml")
    #expect(try await coach.run("graph", "check", draft).status == 0)
    let missing = try await coach.run("graph", "check", "\(draft).yaml")
    #expect(missing.status == 1)
    #expect(missing.output.contains("cannot be read"))
  }

  @Test func `graphs are drawn and shown, for people and for programs`() async throws {
    let coach = try Self.withLetters()
    let drawing = try await coach.run("graph", "draw", "letter")
    #expect(drawing.status == 0)
    #expect(drawing.output.hasPrefix("flowchart TD\n"))
    #expect(drawing.errors == "")
    #expect(try await coach.run("graph", "draw", "letter", "--json").json() == ["mermaid": .string(drawing.output)])

    let shown = try await coach.run("graph", "show", "letter")
    #expect(shown.status == 0)
    #expect(shown.output.hasPrefix("letter: A letter that somebody has to approve.\n"))
    #expect(shown.output.contains("\n  ask  graph: approval"))
    let json = try await coach.run("graph", "show", "letter", "--json").json()
    #expect(json["nodes"]?.arrayValue?.first?["graph"] == "approval")
    #expect(json["edges"]?.arrayValue?.count == 2)
  }

  @Test(arguments: [
    ["draw", "nothing"], ["show", "nothing"], ["run", "nothing"], ["history", "nothing"], ["draw", "--run", "nothing"],
    ["fork", "nothing", "--at", "1"], ["resume", "nothing"], ["cancel", "nothing"],
  ])
  func `what is not there is named on standard error, with status 3`(_ words: [String]) async throws {
    let coach = try Self.withLetters()
    for flags in [[], ["--json"]] {
      let result = try await coach.finish(try coach.start(["graph"] + words + flags))
      #expect(result.status == 3)
      #expect(result.output == "")
      #expect(result.errors.contains("'nothing'"), "\(result.errors)")
    }
  }

  @Test(arguments: [
    [], ["paint"], ["draw"], ["show", "a", "b"], ["run", "coach", "--input", "{"], ["run", "coach", "--inputs", "{}"],
    ["fork", "r1"], ["fork", "r1", "--at", "-1"], ["fork", "r1", "--at", "1", "--set", "{"], ["resume"],
    ["resume", "r1", "--answers", "yes"], ["cancel"], ["history", "--json"], ["schedules", "all"],
  ])
  func `a wrong command line is told, with status 2`(_ words: [String]) async throws {
    let coach = try Coach.withoutData()
    let result = try await coach.finish(try coach.start(["graph"] + words))
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("coach: "))
    #expect(result.errors.hasSuffix("Try 'coach help'.\n"))
  }

  // MARK: - Runs

  @Test func `a graph is run, looked at, drawn and forked`() async throws {
    let coach = try await Coach.withDemo()
    let result = try await coach.run("graph", "run", "coach", "--input", Self.message, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let outcome = try result.json()
    #expect(outcome["status"] == "finished")
    let run = try #require(outcome["run"]?.stringValue)
    #expect(result.errors.contains("run \(run) of graph 'coach' in thread "))
    #expect(result.errors.contains("step 1  intake"))

    let plain = try await coach.run("graph", "run", "coach", "--input", Self.message)
    #expect(plain.status == 0)
    #expect(try plain.json()["outcome"] == "sure")

    let history = try await coach.run("graph", "history", run, "--json").json()
    #expect(history["status"] == "finished")
    #expect(history["checkpoints"]?.arrayValue?.last?["step"] == 0)
    let lines = try await coach.run("graph", "history", run)
    #expect(lines.status == 0)
    #expect(lines.errors.hasSuffix("run \(run) of graph 'coach', finished\n"))
    #expect(lines.output.split(separator: "\n").count == history["checkpoints"]?.arrayValue?.count)
    #expect(lines.output.split(separator: "\n").last?.hasSuffix("then intake") == true)

    let drawing = try await coach.run("graph", "draw", "--run", run)
    #expect(drawing.output.contains("[\"execute ×1\"]"))
    #expect(try await coach.run("graph", "draw", "--run", run, "--json").json()["mermaid"] == .string(drawing.output))

    let changes = #"{"outcome": "decline", "reason": "for a try"}"#
    let forked = try await coach.run("graph", "fork", run, "--at", "1", "--as", "parse", "--set", changes, "--json")
    #expect(forked.status == 0, "\(forked.errors)")
    #expect(try forked.json()["base"]?["run"] == .string(run))
    #expect(try forked.json()["state"]?["outcome"] == "decline")
    let late = try await coach.run("graph", "fork", run, "--at", "99")
    #expect(late.status == 3)
    #expect(late.errors.contains("keeps no checkpoint of step 99; kept are: 0, 1"))
    #expect(late.output == "")
  }

  @Test func `a run waits for an answer with status 4, refuses wrong ones, and goes on with the right one`()
    async throws
  {
    let coach = try Self.withLetters()
    let waiting = try await coach.run("graph", "run", "letter", "--json")
    #expect(waiting.status == 4, "\(waiting.errors)")
    #expect(waiting.errors.contains("waiting: questions"))
    let outcome = try waiting.json()
    let run = try #require(outcome["run"]?.stringValue)
    let question = try #require(outcome["questions"]?.arrayValue?.first)
    let name = try #require(question["name"]?.stringValue)
    #expect(question["prompt"] == ["text": "Send it?"])
    #expect(try await coach.run("graph", "history", run, "--json").json()["questions"] == [question])

    for answers in [#"{"\#(name)": 3}"#, #"{"price": true}"#, "[true]"] {
      let refused = try await coach.run("graph", "resume", run, "--answers", answers)
      #expect(refused.status == 3, "\(answers)")
      #expect(refused.output == "")
      #expect(refused.errors.contains("coach: "))
    }
    let still = try await coach.run("graph", "resume", run)
    #expect(still.status == 4)
    #expect(still.errors.contains("Send it?"))

    let answered = try await coach.run("graph", "resume", run, "--answers", #"{"\#(name)": true}"#)
    #expect(answered.status == 0, "\(answered.errors)")
    #expect(try answered.json() == ["decision": true])
    let again = try await coach.run("graph", "resume", run, "--answers", #"{"\#(name)": true}"#)
    #expect(again.status == 3)
    #expect(again.errors.contains("does not wait"))
  }

  @Test func `a waiting run is cancelled once`() async throws {
    let coach = try Self.withLetters()
    let run = try #require(try await coach.run("graph", "run", "letter", "--json").json()["run"]?.stringValue)
    let cancelled = try await coach.run("graph", "cancel", run, "--json")
    #expect(cancelled.status == 0)
    #expect(try cancelled.json() == ["run": .string(run), "stopped": true])
    let again = try await coach.run("graph", "cancel", run)
    #expect(again.status == 0)
    #expect(again.output == "")
    #expect(again.errors.hasSuffix("run \(run) is at its end already\n"))
    #expect(try await coach.run("graph", "history", run, "--json").json()["status"] == "stopped")
  }

  // MARK: - Interruptions

  /// Starts a run and gives it back once its model call has been under way for over two seconds.
  private static func slowRun(_ coach: Coach, _ flags: [String] = []) async throws -> (ChildProcess, run: String) {
    let input = JSONValue.object(["message": .string(PlayedModel.question)]).text
    let process = try coach.start(["graph", "run", "coach", "--input", input] + flags)
    let run = try await eventually("the silent node is named; there is: \(process.errors)") { () -> String? in
      guard process.errors.contains("\nat work: generate (") else { return nil }
      return process.errors.firstMatch(of: #/run ([^ ]+) of graph/#).map { String($0.1) }
    }
    return (process, run)
  }

  @Test func `Ctrl-C puts a run aside with status 130 and says how to go on`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .seconds(6)))
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": model.url]
    let (process, run) = try await Self.slowRun(coach, ["--json"])
    process.signal(SIGINT)
    let result = try await coach.finish(process)
    #expect(result.status == 130, "\(result.ending) \(result.errors)")
    #expect(result.errors.contains("stopping after the step at hand"))
    #expect(result.errors.contains("`coach graph resume \(run)` goes on"))
    #expect(try result.json()["status"] == "interrupted")

    let resumed = try await coach.run("graph", "resume", run, "--json")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resumed.json()["status"] == "finished")
    let finished = resumed.errors.split(separator: "\n").filter { $0.contains("  generate") }
    #expect(finished == [], "the model was asked a second time")
    withExtendedLifetime(model) {}
  }

  @Test func `a second Ctrl-C ends the process at once, and the run is kept`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .seconds(60)))
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": model.url]
    let (process, run) = try await Self.slowRun(coach)
    process.signal(SIGINT)
    _ = try await eventually("it says so") { process.errors.contains("once more ends it now") ? true : nil }
    process.signal(SIGINT)
    let result = try await coach.finish(process)
    #expect(result.status == 130, "\(result.ending) \(result.errors)")
    let history = try await coach.run("graph", "history", run, "--json").json()
    #expect(history["status"] == "running")
    let held = try await coach.run("graph", "resume", run)
    #expect(held.status == 3)
    #expect(held.errors.contains("coach: run \(run) is being worked on by graph-"), "\(held.errors)")
    withExtendedLifetime(model) {}
  }

  @Test func `a node that does not come to rest in time does not keep the person waiting`() async throws {
    let model = try await PlayedModel(PlayedModel.answering(first: .seconds(60)))
    var coach = try await Coach.withDemo()
    let project = try ProjectCopy()
    try project.replace("stop_grace: 20s", with: "stop_grace: 1s", in: "config/server.yaml")
    coach.project = project
    coach.environment = ["COACH_LOCAL_URL": model.url]
    let (process, run) = try await Self.slowRun(coach)
    process.signal(SIGTERM)
    let result = try await coach.finish(process)
    #expect(result.status == 143, "\(result.ending) \(result.errors)")
    #expect(
      result.errors.contains("run \(run) did not come to rest; `coach graph resume \(run)` goes on in half a minute")
    )
    withExtendedLifetime(model) {}
  }

  // MARK: - The store

  @Test(arguments: [
    ["run", "letter"], ["history", "r1"], ["resume", "r1"], ["cancel", "r1"], ["draw", "--run", "r1"],
  ])
  func `a store that cannot be used is told, with status 3`(_ words: [String]) async throws {
    let coach = try Self.withLetters()
    try Data("this is no database, and long enough to be seen as none".utf8).write(
      to: URL(fileURLWithPath: coach.metadata)
    )
    let result = try await coach.finish(try coach.start(["graph"] + words))
    #expect(result.status == 3)
    #expect(result.output == "")
    #expect(result.errors.contains("coach: "))
    #expect(result.errors.contains("coach.db"), "\(result.errors)")
  }

  // MARK: - Schedules and waits

  @Test func `schedules are checked and listed`() async throws {
    let coach = try Self.withLetters()
    let folder = try #require(coach.project).folder
    let none = try await coach.run("graph", "schedules")
    #expect(none.status == 0)
    #expect(none.output == "")
    #expect(try await coach.run("graph", "schedules", "--json").json() == [])
    try folder.write(
      "schedules:\n  weekly: {graph: letter, cron: \"0 9 * * 1\", zone: Europe/Berlin, overlap: wait}\n",
      to: "config/schedules.yaml"
    )
    let listed = try await coach.run("graph", "schedules")
    #expect(listed.status == 0)
    #expect(listed.output.hasPrefix("weekly  letter  0 9 * * 1 Europe/Berlin  wait  next 20"))
    #expect(try await coach.run("graph", "schedules", "--json").json().arrayValue?.first?["overlap"] == "wait")

    try folder.write("schedules:\n  weekly: {graph: leter, cron: weekly}\n", to: "config/schedules.yaml")
    for command in [["check"], ["graph", "schedules"]] {
      let result = try await coach.finish(try coach.start(command))
      #expect(result.status == 1)
      let words = result.output + result.errors
      #expect(words.contains("config/schedules.yaml:2: error: schedule 'weekly' names no graph 'leter'"), "\(words)")
      #expect(words.contains("config/schedules.yaml:2: error: 'weekly' needs five fields"), "\(words)")
    }
  }

  @Test func `a server goes on with a run whose wait is over, and takes answers`() async throws {
    let coach = try Self.withLetters()
    let pause = """
      graph: pause
      state:
        decision: {type: bool, default: false}
      nodes:
        rest: {use: time.wait, with: {for: 1s}}
        ask: {graph: approval}
      edges:
        - {from: start, to: rest}
        - {from: rest, to: ask}
        - {from: ask, to: end}
      """
    try #require(coach.project).folder.write(pause, to: "graphs/pause.yaml")
    let server = try await ServedCoach(coach)
    let waiting = try await coach.run("graph", "run", "pause", "--json")
    #expect(waiting.status == 4)
    let run = try #require(try waiting.json()["run"]?.stringValue)
    let path = "/api/v1/coach/runs/\(run)"
    let question = try await eventually("the server takes the run up") {
      try await server.get("\(path)/questions").json()["questions"]?.arrayValue?.first
    }
    let name = try #require(question["name"]?.stringValue)
    let refused = try await server.post("\(path)/answers", body: Array(#"{"answers": {"\#(name)": 3}}"#.utf8))
    #expect(refused.status == 422)
    let taken = try await server.post("\(path)/answers", body: Array(#"{"answers": {"\#(name)": true}}"#.utf8))
    #expect(taken.status == 202)
    var events = try await server.events(ofRun: run, after: 0)
    #expect(try await events.next("run_finished").data["outcome"] == "answer")
    #expect(try await server.terminate() == .exited(0))
  }
}
