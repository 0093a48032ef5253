import CoachVocabulary
import FoundationEssentials
public import StateGraph

/// What every checkpoint store must do; each check gets an empty store and throws when the store fails it.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct CheckpointStoreConformance: Sendable, CustomStringConvertible {
  /// What the store must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any CheckpointStore) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any CheckpointStore) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a store to this check.
  ///
  /// - Parameter store: an empty store.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the store.
  public func check(_ store: any CheckpointStore) async throws { try await body(store) }

  /// Every check.
  public static let all: [CheckpointStoreConformance] =
    creation + commits + partialCommits + line + effects + claims + listing + history
}

/// A store did not do what it must.
public struct ConformanceFailure: Error, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String
}

func expect<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws(ConformanceFailure) {
  guard found == wanted else { throw ConformanceFailure(description: "\(what): expected \(wanted), found \(found)") }
}

private func expectFailure(
  _ wanted: CheckpointFailure,
  _ what: String,
  from body: () async throws(CheckpointFailure) -> Void
) async throws(ConformanceFailure) {
  do {
    try await body()
  } catch {
    return try expect(error, wanted, what)
  }
  throw ConformanceFailure(description: "\(what): expected the failure \(wanted), found none")
}

// MARK: - Samples

/// Records and commits to feed a store with.
private enum Sample {
  static let start = Date(timeIntervalSince1970: 1_750_000_000)

  static func time(_ seconds: Double) -> Date { start + seconds }

  static func record(_ run: RunID, thread: ThreadID = "t1", owner: String = "a") -> RunRecord {
    RunRecord(
      run: run,
      thread: thread,
      graph: "g",
      graphHash: "h",
      owner: owner,
      leaseExpires: time(30),
      createdAt: start
    )
  }

  static func event(_ run: RunID, _ sequence: Int) -> RunEvent {
    RunEvent(
      run: run,
      sequence: sequence,
      type: "note",
      data: ["n": .int(sequence)],
      time: time(Double(sequence))
    )
  }

  static func begin(_ run: RunID, thread: ThreadID = "t1", owner: String = "a") -> RunStart {
    var record = record(run, thread: thread, owner: owner)
    record.lastSequence = 1
    return RunStart(
      record: record,
      changes: [ChannelChange("question", .set("why?")), ChannelChange("notes", .append(["one"]))],
      frontier: Frontier(due: ["first"], arrivals: []),
      events: [event(run, 1)]
    )
  }

  static func continuing(_ run: RunID, from base: CheckpointReference?) -> RunStart {
    var start = begin(run)
    start.record.base = base
    start.continuesThread = true
    return start
  }

  static func step(
    after record: RunRecord,
    _ changes: [ChannelChange] = [],
    status: RunStatus = .running,
    events: Int = 1,
    frontier: Frontier = Frontier(due: ["next"], arrivals: [])
  ) -> SuperstepCommit {
    var next = record
    next.step += 1
    next.revision += 1
    next.status = status
    next.updatedAt = time(Double(next.revision))
    let numbers = (0..<events).map { record.lastSequence + 1 + $0 }
    next.lastSequence += events
    if status.isTerminal { next.endedAt = next.updatedAt }
    return SuperstepCommit(
      record: next,
      expectedRevision: record.revision,
      changes: changes,
      finishedTasks: [FinishedTask(node: "first", step: next.step, attempts: 1, durationMilliseconds: 0.25)],
      frontier: frontier,
      events: numbers.map { event(record.run, $0) }
    )
  }
}

extension CheckpointStore {
  fileprivate func saved(_ run: RunID) async throws -> SavedRun {
    guard let saved = try await load(run) else { throw ConformanceFailure(description: "run \(run) was not found") }
    return saved
  }
}

// MARK: - Checks

extension CheckpointStoreConformance {
  private static let creation = [
    CheckpointStoreConformance("a created run is loaded as it was saved") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let saved = try await store.saved("r1")
      try expect(saved.record, start.record, "record")
      try expect(saved.values, ["question": "why?", "notes": ["one"]], "values")
      try expect(saved.frontier, start.frontier, "frontier")
      try expect(try await store.record(of: "r1"), start.record, "record alone")
      try expect(try await store.events(of: "r1", after: 0, limit: 10), start.events, "events")
    },
    CheckpointStoreConformance("an unknown run is nil and has no events") { store in
      try expect(try await store.load("nobody"), nil, "load")
      try expect(try await store.record(of: "nobody"), nil, "record")
      try expect(try await store.events(of: "nobody", after: 0, limit: 10), [], "events")
    },
    CheckpointStoreConformance("a run is created once") { store in
      try await store.create(Sample.begin("r1"))
      try await expectFailure(.runExists("r1"), "second creation") { () throws(CheckpointFailure) in
        try await store.create(Sample.begin("r1", thread: "other"))
      }
    },
    CheckpointStoreConformance("a thread works on one run at a time") { store in
      let first = Sample.begin("r1")
      try await store.create(first)
      try await expectFailure(.threadBusy("t1", run: "r1"), "busy thread") { () throws(CheckpointFailure) in
        try await store.create(Sample.begin("r2"))
      }
      try expect(try await store.record(of: "r2"), nil, "the refused run")
      try await store.create(Sample.begin("r3", thread: "t2"))
      try await store.commit(Sample.step(after: first.record, status: .finished))
      try await store.create(Sample.begin("r2"))
    },
    CheckpointStoreConformance("a start that continues its thread is refused when the run ahead has saved more") {
      store in
      let first = Sample.begin("r1")
      try await store.create(Sample.continuing("r1", from: nil))
      let end = Sample.step(after: first.record, [ChannelChange("notes", .append(["two"]))], status: .finished)
      try await store.commit(end)
      let early = CheckpointReference(run: "r1", revision: 0)
      for base in [nil, early, CheckpointReference(run: "r1", revision: 2)] {
        try await expectFailure(.headMoved("r2"), "a base of \(String(describing: base))") {
          () throws(CheckpointFailure) in
          try await store.create(Sample.continuing("r2", from: base))
        }
      }
      try expect(try await store.record(of: "r2"), nil, "the refused run")
      try await store.create(Sample.continuing("r2", from: CheckpointReference(run: "r1", revision: 1)))
      try expect(try await store.head(of: "t1"), "r2", "head")
    },
  ]

  private static let commits = [
    CheckpointStoreConformance("changes set, append and clear") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let one = Sample.step(
        after: start.record,
        [
          ChannelChange("notes", .append(["two", "three"])), ChannelChange("flash", .set(["deep": [1, 2.0, nil]])),
          ChannelChange("question", .set("how?")),
        ]
      )
      try await store.commit(one)
      try expect(
        try await store.saved("r1").values,
        ["question": "how?", "notes": ["one", "two", "three"], "flash": ["deep": [1, 2.0, nil]]],
        "values after one step"
      )
      try await store.commit(
        Sample.step(after: one.record, [ChannelChange("flash", .clear), ChannelChange("notes", .set(["new"]))])
      )
      try expect(
        try await store.saved("r1").values,
        ["question": "how?", "notes": ["new"]],
        "values after two steps"
      )
    },
    CheckpointStoreConformance("a commit replaces record and frontier and adds events") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let frontier = Frontier(
        due: ["x", "y"],
        arrivals: [Frontier.Arrival(join: "x+y>z", nodes: ["x"])],
        pending: [Frontier.Pending(node: "x", writes: ["question": nil])]
      )
      var commit = Sample.step(after: start.record, status: .failed, events: 3, frontier: frontier)
      commit.record.error = RunError(.nodeFailed, "it \"broke\"\nbadly", node: "y")
      try await store.commit(commit)
      let saved = try await store.saved("r1")
      try expect(saved.record, commit.record, "record")
      try expect(saved.frontier, frontier, "frontier")
      try expect(
        try await store.events(of: "r1", after: 0, limit: 10).map(\.sequence),
        [1, 2, 3, 4],
        "event numbers"
      )
      try expect(try await store.events(of: "r1", after: 1, limit: 2), Array(commit.events.prefix(2)), "page")
      try expect(try await store.events(of: "r1", after: 4, limit: 2), [], "page past the end")
    },
    CheckpointStoreConformance("numbers keep their kind: 2.0 stays a fraction, 2 a whole number") { store in
      var start = Sample.begin("r1")
      start.changes = [ChannelChange("n", .set([2.0, 2, 1e300, -0.5, 0.1, .int(.max), .int(.min)]))]
      try await store.create(start)
      let values = try await store.saved("r1").values
      try expect(values, ["n": [2.0, 2, 1e300, -0.5, 0.1, .int(.max), .int(.min)]], "values")
    },
    CheckpointStoreConformance("any text survives") { store in
      let text = "\u{0} \u{1F} \" \\ / \u{2028} é 🇫🇷 \n\t"
      var start = Sample.begin("r1")
      start.changes = [ChannelChange("n", .set([text: .string(text)]))]
      try await store.create(start)
      try expect(try await store.saved("r1").values, ["n": [text: .string(text)]], "values")
    },
    CheckpointStoreConformance("a commit from an old revision is refused and changes nothing") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let commit = Sample.step(after: start.record, [ChannelChange("question", .set("first"))])
      try await store.commit(commit)
      try await expectFailure(.headMoved("r1"), "second commit") { () throws(CheckpointFailure) in
        try await store.commit(Sample.step(after: start.record, [ChannelChange("question", .set("second"))], events: 5))
      }
      try expect(try await store.saved("r1").values["question"], "first", "value")
      try expect(try await store.saved("r1").record, commit.record, "record")
      try expect(try await store.events(of: "r1", after: 0, limit: 10).count, 2, "event count")
    },
    CheckpointStoreConformance("a commit for a run that its thread has left is refused") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let failed = Sample.step(after: start.record, status: .failed)
      try await store.commit(failed)
      try await store.create(Sample.begin("r2"))
      try await expectFailure(.headMoved("r1"), "commit") { () throws(CheckpointFailure) in
        try await store.commit(Sample.step(after: failed.record))
      }
    },
  ]

  private static func partial(
    _ record: RunRecord,
    _ send: Int,
    sequence: Int,
    step: Int = 1
  ) -> PartialCommit {
    var update: StateUpdate = ["notes": ["sent"]]
    update.send("next", .int(send))
    return PartialCommit(
      run: record.run,
      revision: record.revision,
      results: [Frontier.StepResults(step: step, pending: [Frontier.Pending(node: "a", send: send, update: update)])],
      finishedTasks: [FinishedTask(node: "a#\(send)", step: step, attempts: 2, durationMilliseconds: 0.5)],
      events: [Sample.event(record.run, sequence)]
    )
  }

  private static let line = [
    CheckpointStoreConformance("starts wait in the order in which they came, each once, until they are taken out") {
      store in
      func start(_ run: RunID, _ thread: ThreadID = "t1") -> QueuedStart {
        var input: StateUpdate = ["question": ["deep": [1, 2.0, nil]]]
        input.overwrite("notes", ["x"])
        return QueuedStart(
          run: run,
          thread: thread,
          graph: "g",
          input: input,
          options: StartOptions(durability: .exit, continuesThread: true, idempotencyKey: "key \(run)"),
          timeLimit: .milliseconds(1_500),
          deadline: Sample.time(60)
        )
      }
      // Not in the order of their names.
      for run in ["r9", "r1", "r5"] { try await store.enqueue(start(RunID(run))) }
      try await store.enqueue(start("r2", "t2"))
      try await store.enqueue(start("r9"))
      try expect(try await store.queue(of: "t1"), [start("r9"), start("r1"), start("r5")], "line")
      try expect(try await store.queue(of: nil).map(\.run), ["r9", "r1", "r5", "r2"], "all lines")
      try await store.dequeue("r9")
      try await store.dequeue("nobody")
      try expect(try await store.queue(of: "t1").map(\.run), ["r1", "r5"], "line after the first has left")
      try await store.enqueue(start("r0"))
      try expect(try await store.queue(of: "t1").map(\.run), ["r1", "r5", "r0"], "line with a new one")
    }
  ]

  private static let partialCommits = [
    CheckpointStoreConformance("what tasks gave before their superstep was over is there until the next commit") {
      store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let first = partial(start.record, 0, sequence: 2)
      let later = partial(start.record, 1, sequence: 3, step: 2)
      for commit in [first, later] { try await store.commit(commit) }
      let saved = try await store.saved("r1")
      try expect(saved.frontier.due, ["first"], "due nodes")
      try expect(saved.frontier.pending, first.results[0].pending, "results of the superstep at hand")
      try expect(saved.frontier.ahead, later.results, "results of a later superstep")
      try expect(saved.finishedTasks, first.finishedTasks + later.finishedTasks, "tasks")
      try expect(saved.record.revision, 0, "revision")
      try expect(try await store.record(of: "r1")?.lastSequence, 3, "number of the last event")
      try expect(try await store.events(of: "r1", after: 1, limit: 9), first.events + later.events, "events")
      try expect(try await store.checkpoints(of: "r1", before: .max, limit: 9).count, 1, "checkpoints")
      var record = saved.record
      record.lastSequence = 3
      let commit = Sample.step(after: record, [ChannelChange("notes", .append(["sent"]))])
      var both = commit
      both.finishedTasks += saved.finishedTasks
      try await store.commit(both)
      let after = try await store.saved("r1")
      try expect(after.frontier, commit.frontier, "frontier after the commit")
      try expect(after.finishedTasks, [], "tasks after the commit")
      try expect(try await store.events(of: "r1", after: 3, limit: 9), commit.events, "events of the commit")
    },
    CheckpointStoreConformance("a partial commit is kept when its process dies, and once only") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let first = partial(start.record, 0, sequence: 2)
      try await store.commit(first)
      let claimed = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(30))
      try await store.commit(partial(claimed, 1, sequence: 3))
      let saved = try await store.saved("r1")
      try expect(saved.frontier.pending.map(\.send), [0, 1], "results of both owners")
      try expect(saved.record.lastSequence, 3, "number of the last event")
    },
    CheckpointStoreConformance("a partial commit of a former owner is refused and changes nothing") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      _ = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(30))
      try await expectFailure(.headMoved("r1"), "partial commit") { () throws(CheckpointFailure) in
        try await store.commit(partial(start.record, 0, sequence: 2))
      }
      try expect(try await store.saved("r1").frontier.pending, [], "results")
      try expect(try await store.events(of: "r1", after: 1, limit: 9), [], "events")
      try expect(try await store.record(of: "r1")?.lastSequence, 1, "number of the last event")
    },
  ]

  private static let effects = [
    CheckpointStoreConformance("effects are loaded for the superstep at hand only") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let effect = RecordedEffect(run: "r1", step: 1, node: "first", name: "call", value: ["a": 1])
      let other = RecordedEffect(run: "r1", step: 1, node: "first", name: "other", value: nil)
      try await store.record(effect, revision: 0)
      try await store.record(other, revision: 0)
      let effects = try await store.saved("r1").effects.sorted { $0.name < $1.name }
      try expect(effects, [effect, other], "effects before the commit")
      try await store.commit(Sample.step(after: start.record))
      try expect(try await store.saved("r1").effects, [], "effects after the commit")
    },
    CheckpointStoreConformance("an effect of a former owner is refused") { store in
      try await store.create(Sample.begin("r1"))
      _ = try await store.claim("r1", for: "a", until: Sample.time(60), at: Sample.time(1))
      let effect = RecordedEffect(run: "r1", step: 1, node: "first", name: "call", value: 1)
      try await expectFailure(.headMoved("r1"), "effect") { () throws(CheckpointFailure) in
        try await store.record(effect, revision: 0)
      }
      try expect(try await store.saved("r1").effects, [], "effects")
    },
  ]

  private static let claims = [
    CheckpointStoreConformance("a live owner's run cannot be claimed, a dead owner's can") { store in
      let start = Sample.begin("r1", owner: "a")
      try await store.create(start)
      try await expectFailure(.leaseHeld("r1", owner: "a"), "early claim") { () throws(CheckpointFailure) in
        _ = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(29))
      }
      let claimed = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(30))
      try expect(claimed.owner, "b", "owner")
      try expect(claimed.recoveries, 1, "recoveries")
      try expect(claimed.revision, 1, "revision")
      try expect(try await store.record(of: "r1"), claimed, "saved record")
      try await expectFailure(.headMoved("r1"), "commit of the former owner") { () throws(CheckpointFailure) in
        try await store.commit(Sample.step(after: start.record))
      }
      try await store.commit(Sample.step(after: claimed))
    },
    CheckpointStoreConformance("a failed run can be claimed and loses its error, a finished one cannot") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      var failed = Sample.step(after: start.record, status: .failed)
      failed.record.error = RunError(.stepLimit, "too long")
      try await store.commit(failed)
      let claimed = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(2))
      try expect(claimed.status, .running, "status")
      try expect(claimed.error, nil, "error")
      try expect(claimed.endedAt, nil, "end")
      try expect(claimed.recoveries, 0, "recoveries")
      try await store.commit(Sample.step(after: claimed, status: .finished))
      try await expectFailure(.alreadyFinished("r1"), "claim") { () throws(CheckpointFailure) in
        _ = try await store.claim("r1", for: "b", until: Sample.time(60), at: Sample.time(2))
      }
      try await expectFailure(.noSuchRun("r9"), "claim of nothing") { () throws(CheckpointFailure) in
        _ = try await store.claim("r9", for: "b", until: Sample.time(60), at: Sample.time(2))
      }
    },
    CheckpointStoreConformance("a run cannot be claimed while its thread works on another") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      try await store.commit(Sample.step(after: start.record, status: .stopped))
      try await store.create(Sample.begin("r2"))
      try await expectFailure(.threadBusy("t1", run: "r2"), "claim") { () throws(CheckpointFailure) in
        _ = try await store.claim("r1", for: "a", until: Sample.time(60), at: Sample.time(2))
      }
    },
    CheckpointStoreConformance("renewing a lease keeps others away; only the owner's running runs are renewed") {
      store in
      try await store.create(Sample.begin("r1", thread: "t1", owner: "a"))
      try await store.create(Sample.begin("r2", thread: "t2", owner: "b"))
      try await store.renewLeases(of: ["r1", "r2", "r3"], for: "a", until: Sample.time(90))
      try expect(try await store.record(of: "r1")?.leaseExpires, Sample.time(90), "own lease")
      try expect(try await store.record(of: "r2")?.leaseExpires, Sample.time(30), "other lease")
      let recoverable = try await store.recoverable(by: "c", at: Sample.time(60))
      try expect(recoverable.map(\.run), ["r2"], "recoverable")
    },
  ]

  private static let listing = [
    CheckpointStoreConformance("recoverable are interrupted runs, expired ones, and those of the same name") { store in
      for (run, owner) in [("r1", "a"), ("r2", "b"), ("r3", "b"), ("r4", "b")] {
        try await store.create(Sample.begin(RunID(run), thread: ThreadID("t-\(run)"), owner: owner))
      }
      let interrupted = Sample.begin("r3", thread: "t-r3", owner: "b").record
      try await store.commit(Sample.step(after: interrupted, status: .interrupted))
      let finished = Sample.begin("r4", thread: "t-r4", owner: "b").record
      try await store.commit(Sample.step(after: finished, status: .finished))
      try expect(
        try await store.recoverable(by: "a", at: Sample.time(1)).map(\.run),
        ["r1", "r3"],
        "before the leases expire"
      )
      try expect(
        try await store.recoverable(by: "c", at: Sample.time(31)).map(\.run),
        ["r1", "r2", "r3"],
        "after the leases expire"
      )
    },
    CheckpointStoreConformance("runs are listed newest first, by thread, status and page") { store in
      for run in ["r1", "r2", "r3"] {
        let start = Sample.begin(RunID(run))
        try await store.create(start)
        try await store.commit(Sample.step(after: start.record, status: run == "r2" ? .failed : .finished))
      }
      try await store.create(Sample.begin("r4", thread: "t2"))
      try expect(try await store.records(matching: RunQuery()).map(\.run), ["r4", "r3", "r2", "r1"], "all")
      try expect(try await store.records(matching: RunQuery(thread: "t2")).map(\.run), ["r4"], "by thread")
      try expect(
        try await store.records(matching: RunQuery(statuses: [.failed, .running])).map(\.run),
        ["r4", "r2"],
        "by status"
      )
      try expect(
        try await store.records(matching: RunQuery(thread: "t1", before: "r3", limit: 1)).map(\.run),
        ["r2"],
        "page"
      )
    },
  ]
}

extension CheckpointStoreConformance {
  /// A run with three supersteps that each append one item.
  private static func threeSteps(
    _ store: any CheckpointStore,
    _ run: RunID,
    base: CheckpointReference? = nil
  ) async throws {
    var start = Sample.begin(run, thread: ThreadID("t-\(run)"))
    start.record.base = base
    if base != nil { start.changes = [ChannelChange("question", .set("again?"))] }
    try await store.create(start)
    var record = start.record
    for number in 1...3 {
      let change = ChannelChange("notes", .append([.string("\(run)-\(number)")]))
      let commit = Sample.step(after: record, [change], status: number == 3 ? .finished : .running)
      try await store.commit(commit)
      record = commit.record
    }
  }

  private static let history = [
    CheckpointStoreConformance("what is next is kept whole: sends, questions, timers, failures, updates") { store in
      var question = Frontier.Question(
        node: "a",
        send: 3,
        name: "go",
        prompt: ["text": "Go on?"],
        schema: ValueSchema(.object, members: ["why": ValueSchema(.list(of: .string), isOptional: true)]),
        askedAt: Sample.time(5),
        expiresAt: Sample.time(50)
      )
      question.answer = .null
      var update: StateUpdate = ["question": "x"]
      update.overwrite("notes", ["y"])
      update.goto("b", "end")
      update.send("c", ["deep": [1, 2.0]])
      update.parent = StateUpdate.ParentCommand(writes: ["z": 1], goto: ["w"])
      var start = Sample.begin("r1")
      start.frontier = Frontier(
        due: ["a", "b"],
        sends: [Frontier.Send(node: "a", input: nil), Frontier.Send(node: "a", input: ["n": 1])],
        held: ["late"],
        arrivals: [Frontier.Arrival(join: "a+b>c", nodes: ["a"])],
        pending: [
          Frontier.Pending(
            node: "a",
            send: 1,
            update: update,
            failure: RunError(.nodeFailed, "no", node: "a")
          )
        ],
        questions: [question],
        timers: [Frontier.Timer(node: "b", send: 0, name: "sleep", until: Sample.time(70))],
        failures: [Frontier.Failure(handler: "mend", error: RunError(.idleTimeout, "quiet"))],
        isAtBreakpoint: true,
        parent: StateUpdate.ParentCommand(writes: ["p": nil])
      )
      try await store.create(start)
      try expect(try await store.saved("r1").frontier, start.frontier, "frontier")
    },
    CheckpointStoreConformance("messages merge by id when they are loaded") { store in
      let start = Sample.begin("r1")
      try await store.create(start)
      let items: [JSONValue] = [["id": "1", "text": "a"], ["id": "2", "text": "b"]]
      let one = Sample.step(after: start.record, [ChannelChange("chat", .merge(items))])
      try await store.commit(one)
      let more: [JSONValue] = [["id": "1", "text": "new"], Messages.removal(of: "2")]
      try await store.commit(Sample.step(after: one.record, [ChannelChange("chat", .merge(more))]))
      try expect(try await store.saved("r1").values["chat"], [["id": "1", "text": "new"]], "chat")
    },
    CheckpointStoreConformance("history is listed newest first, by page, and read at each place") { store in
      try await threeSteps(store, "r1")
      let all = try await store.checkpoints(of: "r1", before: .max, limit: 10)
      try expect(all.map(\.reference.revision), [3, 2, 1, 0], "revisions")
      try expect(all.map(\.step), [3, 2, 1, 0], "steps")
      try expect(all.first?.finishedTasks.map(\.node), ["first"], "tasks")
      try expect(try await store.checkpoints(of: "r1", before: 2, limit: 1).map(\.step), [1], "page")
      let changes = try await store.changes(of: "r1", after: 0, through: 2)
      try expect(
        changes,
        [1, 2].map {
          CheckpointChanges(revision: $0, changes: [ChannelChange("notes", .append([.string("r1-\($0)")]))])
        },
        "changes"
      )
      let middle = try await store.load("r1", at: 1)
      try expect(middle?.values["notes"], ["one", "r1-1"], "notes")
      try expect(middle?.record.revision, 1, "revision")
      try expect(middle?.record.step, 1, "step")
      try expect(try await store.load("r1", at: 9), nil, "a place that is not kept")
    },
    CheckpointStoreConformance("a long run is loaded whole, at its end, at any place, compacted, and by its heirs") {
      store in
      let start = Sample.begin("r1")
      try await store.create(start)
      var record = start.record
      for number in 1...600 {
        let change = ChannelChange("notes", .append([.string("\(number)")]))
        let commit = Sample.step(after: record, [change], status: number == 600 ? .finished : .running)
        try await store.commit(commit)
        record = commit.record
      }
      func notes(_ count: Int) -> JSONValue { .array(["one"] + (1...count).map { .string("\($0)") }) }
      try expect(try await store.saved("r1").values["notes"], notes(600), "notes at the end")
      for place in [1, 255, 256, 257, 511, 512, 599] {
        try expect(try await store.load("r1", at: place)?.values["notes"], notes(place), "notes at \(place)")
      }
      var heir = Sample.begin("r2", thread: "t2")
      heir.record.base = CheckpointReference(run: "r1", revision: 300)
      heir.changes = []
      try await store.create(heir)
      try await store.compact("r1", keepingLast: 200)
      try expect(try await store.saved("r1").values["notes"], notes(600), "notes at the end, compacted")
      try expect(try await store.load("r1", at: 450)?.values["notes"], notes(450), "notes at 450, compacted")
      try expect(try await store.saved("r2").values["notes"], notes(300), "notes of the heir")
    },
    CheckpointStoreConformance("a run begins with the state of its base, which changes no more") { store in
      try await threeSteps(store, "r1")
      try await threeSteps(store, "r2", base: CheckpointReference(run: "r1", revision: 2))
      try await threeSteps(store, "r3", base: CheckpointReference(run: "r2", revision: 1))
      let saved = try await store.saved("r3")
      try expect(
        saved.values["notes"],
        ["one", "r1-1", "r1-2", "r2-1", "r3-1", "r3-2", "r3-3"],
        "notes of the grandchild"
      )
      try expect(saved.record.base, CheckpointReference(run: "r2", revision: 1), "base")
      try expect(try await store.saved("r1").values["notes"], ["one", "r1-1", "r1-2", "r1-3"], "notes of the base")
      var lost = Sample.begin("r9", thread: "t-r9")
      lost.record.base = CheckpointReference(run: "nobody", revision: 0)
      let start = lost
      try await expectFailure(.noSuchRun("nobody"), "unknown base") { () throws(CheckpointFailure) in
        try await store.create(start)
      }
    },
    CheckpointStoreConformance("compaction and deletion leave what is kept as it was") { store in
      try await threeSteps(store, "r1")
      try await threeSteps(store, "r2", base: CheckpointReference(run: "r1", revision: 1))
      let told = try await store.events(of: "r1", after: 0, limit: 99)
      try await store.compact("r1", keepingLast: 2)
      try expect(try await store.checkpoints(of: "r1", before: .max, limit: 9).map(\.step), [3, 2], "kept")
      try expect(told.count >= 4, true, "events of four commits")
      try expect(try await store.events(of: "r1", after: 0, limit: 99), told, "events")
      try expect(try await store.events(of: "r1", after: 1, limit: 2), Array(told[1..<3]), "a page of events")
      try expect(try await store.saved("r1").values["notes"], ["one", "r1-1", "r1-2", "r1-3"], "newest")
      try expect(try await store.load("r1", at: 2)?.values["notes"], ["one", "r1-1", "r1-2"], "oldest kept")
      try expect(try await store.load("r1", at: 1), nil, "dropped")
      try expect(try await store.saved("r2").values["notes"], ["one", "r1-1", "r2-1", "r2-2", "r2-3"], "based on it")
      try await store.delete("r1")
      try expect(try await store.record(of: "r1"), nil, "deleted")
      try expect(try await store.events(of: "r1", after: 0, limit: 99), [], "its events")
      try expect(try await store.head(of: "t-r1"), nil, "head of its thread")
      try expect(try await store.saved("r2").values["notes"], ["one", "r1-1", "r2-1", "r2-2", "r2-3"], "still whole")
      try await store.create(Sample.begin("r4", thread: "t-r4"))
      try await expectFailure(.threadBusy("t-r4", run: "r4"), "deleting a run at work") {
        () throws(CheckpointFailure) in
        try await store.delete("r4")
      }
    },
    CheckpointStoreConformance("a thread knows its run, and an idempotency key its own") { store in
      var start = Sample.begin("r1")
      start.record.idempotencyKey = "key"
      start.record.deadline = Sample.time(99)
      start.record.parent = "r0"
      start.record.stateVersion = 3
      let wanted = start.record
      try await store.create(start)
      try expect(try await store.record(of: "r1"), wanted, "record")
      try expect(try await store.head(of: "t1"), "r1", "head")
      try expect(try await store.head(of: "t9"), nil, "head of an unknown thread")
      try expect(try await store.run(startedWith: "key"), "r1", "run of the key")
      try expect(try await store.run(startedWith: "other"), nil, "run of an unknown key")
      var again = Sample.begin("r2", thread: "t2")
      again.record.idempotencyKey = "key"
      let second = again
      try await expectFailure(.runExists("r1"), "second use of the key") { () throws(CheckpointFailure) in
        try await store.create(second)
      }
    },
    CheckpointStoreConformance("a waiting run holds its thread and is recoverable when its time has come") { store in
      let start = Sample.begin("r1", owner: "a")
      try await store.create(start)
      var commit = Sample.step(after: start.record, status: .waiting)
      commit.record.wakeAt = Sample.time(100)
      let waiting = commit
      try await store.commit(waiting)
      try expect(try await store.recoverable(by: "a", at: Sample.time(99)), [], "before")
      try expect(try await store.recoverable(by: "a", at: Sample.time(100)), [waiting.record], "after")
      try await expectFailure(.threadBusy("t1", run: "r1"), "second run") { () throws(CheckpointFailure) in
        try await store.create(Sample.begin("r2"))
      }
      let claimed = try await store.claim("r1", for: "b", until: Sample.time(200), at: Sample.time(50))
      try expect(claimed.wakeAt, nil, "time of a claimed run")
      try expect(claimed.recoveries, 0, "recoveries")
    },
    CheckpointStoreConformance("an effect saved again under its name replaces the first, and later steps keep theirs") {
      store in
      let start = Sample.begin("r1")
      try await store.create(start)
      for (step, value) in [(1, 1), (1, 2), (2, 3)] {
        let effect = RecordedEffect(run: "r1", step: step, node: "first", name: "call", value: .int(value))
        try await store.record(effect, revision: 0)
      }
      try expect(try await store.saved("r1").effects.map(\.value).sorted { "\($0)" < "\($1)" }, [2, 3], "values")
      try await store.commit(Sample.step(after: start.record))
      try expect(try await store.saved("r1").effects.map(\.value), [3], "values after the step")
    },
    CheckpointStoreConformance("what a cancelled task saves is saved") { store in
      let start = Sample.begin("r1")
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        try await store.create(start)
        try await store.commit(Sample.step(after: start.record))
      }
      task.cancel()
      try await task.value
      try expect(try await store.saved("r1").record.step, 1, "step")
    },
  ]
}
