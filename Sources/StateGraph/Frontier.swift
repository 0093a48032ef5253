public import CoachVocabulary
public import FoundationEssentials

/// What a run does next.
public struct Frontier: Hashable, Sendable {
  /// An execution of a node that an update sent for.
  public struct Send: Hashable, Sendable {
    /// The node.
    public var node: String
    /// What it finds as ``NodeContext/input``.
    public var input: JSONValue

    /// Makes an entry.
    public init(node: String, input: JSONValue) {
      self.node = node
      self.input = input
    }
  }

  /// Which nodes of a join have run.
  public struct Arrival: Hashable, Sendable {
    /// The join, as `a+b>c`.
    public var join: String
    /// The nodes that have run, in the order of declaration.
    public var nodes: [String]

    /// Makes an entry.
    public init(join: String, nodes: [String]) {
      self.join = join
      self.nodes = nodes
    }
  }

  /// What a task gave that finished before others of its superstep.
  public struct Pending: Hashable, Sendable {
    /// The node.
    public var node: String
    /// Its place among the sends of the superstep; nil when an edge led to it.
    public var send: Int?
    /// What it gave.
    public var update: StateUpdate
    /// Why it failed, when its error handler is to deal with that.
    public var failure: RunError?

    /// Makes an entry.
    public init(node: String, send: Int? = nil, update: StateUpdate, failure: RunError? = nil) {
      self.failure = failure
      self.node = node
      self.send = send
      self.update = update
    }

    /// Makes an entry for a node that an edge led to and that only wrote.
    public init(node: String, writes: [String: JSONValue]) { self.init(node: node, update: StateUpdate(writes)) }
  }

  /// A question that was put to a person, with its answer once there is one.
  public struct Question: Hashable, Sendable {
    /// The node that asked.
    public var node: String
    /// Its place among the sends of the superstep; nil when an edge led to it.
    public var send: Int?
    /// The name by which the answer is found again; unique within the node.
    public var name: String
    /// What the person is shown.
    public var prompt: JSONValue
    /// What an answer must look like.
    public var schema: ValueSchema
    /// When it was asked.
    public var askedAt: Date
    /// When it is too late to answer; nil for never.
    public var expiresAt: Date?
    /// The answer; nil as long as there is none.
    public var answer: JSONValue?

    /// Makes an unanswered question.
    public init(
      node: String,
      send: Int? = nil,
      name: String,
      prompt: JSONValue,
      schema: ValueSchema,
      askedAt: Date,
      expiresAt: Date? = nil
    ) {
      self.node = node
      self.send = send
      self.name = name
      self.prompt = prompt
      self.schema = schema
      self.askedAt = askedAt
      self.expiresAt = expiresAt
    }

    /// The name that no other question of the run has: `node/name`, with `#send` after the node of a send.
    public var id: String { "\(node)\(send.map { "#\($0)" } ?? "")/\(name)" }
  }

  /// A node that sleeps.
  public struct Timer: Hashable, Sendable {
    /// The node.
    public var node: String
    /// Its place among the sends of the superstep; nil when an edge led to it.
    public var send: Int?
    /// The name by which the node finds the timer again.
    public var name: String
    /// When it is over.
    public var until: Date

    /// Makes an entry.
    public init(node: String, send: Int? = nil, name: String, until: Date) {
      self.node = node
      self.send = send
      self.name = name
      self.until = until
    }
  }

  /// A task whose subgraph stands at a breakpoint.
  public struct Hold: Hashable, Sendable {
    /// The node.
    public var node: String
    /// Its place among the sends of the superstep; nil when an edge led to it.
    public var send: Int?

    /// Makes an entry.
    public init(node: String, send: Int? = nil) {
      self.node = node
      self.send = send
    }
  }

  /// A failure that an error handler is to deal with.
  public struct Failure: Hashable, Sendable {
    /// The handler.
    public var handler: String
    /// What failed and why.
    public var error: RunError

    /// Makes an entry.
    public init(handler: String, error: RunError) {
      self.handler = handler
      self.error = error
    }
  }

  /// What tasks of one superstep gave, or wait for, before the superstep is merged.
  public struct StepResults: Hashable, Sendable {
    /// The superstep, from 1.
    public var step: Int
    /// The updates of tasks that finished.
    public var pending: [Pending]
    /// What tasks asked.
    public var questions: [Question]
    /// What tasks sleep for.
    public var timers: [Timer]
    /// Tasks whose subgraphs stand at breakpoints.
    public var holds: [Hold]

    /// Makes an entry.
    public init(
      step: Int,
      pending: [Pending] = [],
      questions: [Question] = [],
      timers: [Timer] = [],
      holds: [Hold] = []
    ) {
      self.holds = holds
      self.step = step
      self.pending = pending
      self.questions = questions
      self.timers = timers
    }
  }

  /// The nodes of the next superstep that an edge leads to, those with pending updates included.
  public var due: [String]
  /// The sends of the next superstep, in the order in which their results merge.
  public var sends: [Send]
  /// Deferred nodes that wait until nothing else is due.
  public var held: [String]
  /// The joins that have seen some of their nodes.
  public var arrivals: [Arrival]
  /// Updates that wait for the siblings of their tasks.
  public var pending: [Pending]
  /// Questions of the next superstep.
  public var questions: [Question]
  /// Timers of the next superstep.
  public var timers: [Timer]
  /// What the error handlers among the due nodes are to deal with.
  public var failures: [Failure]
  /// Whether the run paused here at a breakpoint, which is passed when it is resumed.
  public var isAtBreakpoint: Bool
  /// What this run tells the graph that called it.
  public var parent: StateUpdate.ParentCommand?
  /// What nodes gave that ran ahead, by superstep, ascending; see ``GraphOptions/runAhead``.
  public var ahead: [StepResults]
  /// Tasks that are not executed until somebody resumes the run, as their subgraphs stand at breakpoints.
  public var holds: [Hold]
  /// How many supersteps were merged when the step limit began to count.
  public var countedFrom: Int

  /// Makes a frontier.
  public init(
    due: [String],
    sends: [Send] = [],
    held: [String] = [],
    arrivals: [Arrival] = [],
    pending: [Pending] = [],
    questions: [Question] = [],
    timers: [Timer] = [],
    failures: [Failure] = [],
    isAtBreakpoint: Bool = false,
    parent: StateUpdate.ParentCommand? = nil,
    ahead: [StepResults] = [],
    holds: [Hold] = [],
    countedFrom: Int = 0
  ) {
    self.ahead = ahead
    self.holds = holds
    self.countedFrom = countedFrom
    self.due = due
    self.sends = sends
    self.held = held
    self.arrivals = arrivals
    self.pending = pending
    self.questions = questions
    self.timers = timers
    self.failures = failures
    self.isAtBreakpoint = isAtBreakpoint
    self.parent = parent
  }

  /// When the run has to be looked at again: the end of the first timer or the expiry of the first open question.
  public var wakeAt: Date? {
    let expiries = openQuestions.compactMap(\.expiresAt)
    return (timers.map(\.until) + ahead.flatMap(\.timers).map(\.until) + expiries).min()
  }

  /// The questions without an answer, those of nodes that ran ahead included.
  public var openQuestions: [Question] {
    if questions.isEmpty, ahead.isEmpty { return [] }
    return allQuestions.filter { $0.answer == nil }
  }

  /// The questions with and without an answer, those of nodes that ran ahead included.
  var allQuestions: [Question] { questions + ahead.flatMap(\.questions) }

  /// Takes all holds away, as somebody resumes the run.
  mutating func release() {
    holds = []
    for place in ahead.indices { ahead[place].holds = [] }
  }

  /// Adds what tasks gave that finished after this was saved.
  ///
  /// - Parameters:
  ///   - results: what they gave, by superstep.
  ///   - step: how many supersteps were merged.
  mutating func include(_ results: [StepResults], after step: Int) {
    for entry in results {
      if entry.step == step + 1 {
        pending += entry.pending
      } else if let place = ahead.firstIndex(where: { $0.step == entry.step }) {
        ahead[place].pending += entry.pending
      } else {
        ahead.append(entry)
      }
    }
    ahead.sort { $0.step < $1.step }
  }
}

// MARK: - JSON

extension Frontier {
  /// The frontier as JSON, the form in which stores keep it; parts that are empty are left out.
  public var json: JSONValue {
    var parts: [String: JSONValue] = [:]
    func add(_ key: String, _ list: [JSONValue]) { if !list.isEmpty { parts[key] = .array(list) } }
    add("due", due.map { .string($0) })
    add("sends", sends.map { [.string($0.node), $0.input] })
    add("held", held.map { .string($0) })
    add("arrivals", arrivals.map { [.string($0.join), .names($0.nodes)] })
    add("pending", pending.map(\.json))
    add("questions", questions.map(\.json))
    add("timers", timers.map(\.json))
    add("failures", failures.map { [.string($0.handler), $0.error.json] })
    if isAtBreakpoint { parts["at_breakpoint"] = true }
    if let parent { parts["parent"] = parent.json }
    add("ahead", ahead.map(\.json))
    add("holds", holds.map(\.json))
    if countedFrom > 0 { parts["counted_from"] = .int(countedFrom) }
    return .object(parts)
  }

  /// Reads what ``json`` gives.
  ///
  /// - Throws: `damaged` for anything else.
  public init(json: JSONValue) throws(CheckpointFailure) {
    func list<Value>(_ key: String, _ read: (JSONValue) -> Value?) throws(CheckpointFailure) -> [Value] {
      let entries = json[key]?.arrayValue ?? []
      let values = entries.compactMap(read)
      guard values.count == entries.count else { throw .damaged("'\(key)' of what is next in a run") }
      return values
    }
    self.init(
      due: try list("due", \.stringValue),
      sends: try list("sends") { entry in
        guard let pair = entry.arrayValue, pair.count == 2, let node = pair[0].stringValue else { return nil }
        return Send(node: node, input: pair[1])
      },
      held: try list("held", \.stringValue),
      arrivals: try list("arrivals") { entry in
        guard let pair = entry.arrayValue, pair.count == 2, let join = pair[0].stringValue,
          let nodes = pair[1].names
        else { return nil }
        return Arrival(join: join, nodes: nodes)
      },
      pending: try list("pending", Pending.init(json:)),
      questions: try list("questions", Question.init(json:)),
      timers: try list("timers", Timer.init(json:)),
      failures: try list("failures") { entry in
        guard let pair = entry.arrayValue, pair.count == 2, let handler = pair[0].stringValue,
          let error = RunError(json: pair[1])
        else { return nil }
        return Failure(handler: handler, error: error)
      },
      isAtBreakpoint: json["at_breakpoint"]?.boolValue ?? false,
      parent: json["parent"].flatMap { StateUpdate.ParentCommand(json: $0) },
      ahead: try list("ahead", StepResults.init(json:)),
      holds: try list("holds", Hold.init(json:)),
      countedFrom: json["counted_from"]?.intValue ?? 0
    )
  }
}

extension Frontier.StepResults {
  /// The results as JSON, the form in which stores keep them; parts that are empty are left out.
  public var json: JSONValue {
    var parts: [String: JSONValue] = ["step": .int(step)]
    if !pending.isEmpty { parts["pending"] = .array(pending.map(\.json)) }
    if !questions.isEmpty { parts["questions"] = .array(questions.map(\.json)) }
    if !timers.isEmpty { parts["timers"] = .array(timers.map(\.json)) }
    if !holds.isEmpty { parts["holds"] = .array(holds.map(\.json)) }
    return .object(parts)
  }

  /// Reads what ``json`` gives; nil for anything else.
  public init?(json: JSONValue) {
    func list<Value>(_ key: String, _ read: (JSONValue) -> Value?) -> [Value]? {
      let entries = json[key]?.arrayValue ?? []
      let values = entries.compactMap(read)
      return values.count == entries.count ? values : nil
    }
    guard let step = json["step"]?.intValue, let pending = list("pending", Frontier.Pending.init(json:)),
      let questions = list("questions", Frontier.Question.init(json:)),
      let timers = list("timers", Frontier.Timer.init(json:)), let holds = list("holds", Frontier.Hold.init(json:))
    else { return nil }
    self.init(step: step, pending: pending, questions: questions, timers: timers, holds: holds)
  }
}

extension Frontier.Pending {
  fileprivate var json: JSONValue {
    var parts: [String: JSONValue] = ["node": .string(node), "update": update.json]
    if let send { parts["send"] = .int(send) }
    if let failure { parts["failure"] = failure.json }
    return .object(parts)
  }

  fileprivate init?(json: JSONValue) {
    guard let node = json["node"]?.stringValue, let update = json["update"].flatMap({ StateUpdate(json: $0) }) else {
      return nil
    }
    self.init(
      node: node,
      send: json["send"]?.intValue,
      update: update,
      failure: json["failure"].flatMap { RunError(json: $0) }
    )
  }
}

extension Frontier.Hold {
  fileprivate var json: JSONValue {
    var parts: [JSONValue] = [.string(node)]
    if let send { parts.append(.int(send)) }
    return .array(parts)
  }

  fileprivate init?(json: JSONValue) {
    guard let parts = json.arrayValue, let node = parts.first?.stringValue else { return nil }
    self.init(node: node, send: parts.count > 1 ? parts[1].intValue : nil)
  }
}

extension Frontier.Question {
  /// The question as JSON, as events show it.
  var json: JSONValue {
    var parts: [String: JSONValue] = [
      "node": .string(node), "name": .string(name), "prompt": prompt, "schema": schema.json,
      "asked_at": .double(askedAt.timeIntervalSince1970),
    ]
    if let send { parts["send"] = .int(send) }
    if let expiresAt { parts["expires_at"] = .double(expiresAt.timeIntervalSince1970) }
    if let answer { parts["answer"] = answer }
    return .object(parts)
  }

  fileprivate init?(json: JSONValue) {
    guard let node = json["node"]?.stringValue, let name = json["name"]?.stringValue, let prompt = json["prompt"],
      let schema = json["schema"].flatMap({ ValueSchema(json: $0) }), let asked = json["asked_at"]?.doubleValue
    else { return nil }
    self.init(
      node: node,
      send: json["send"]?.intValue,
      name: name,
      prompt: prompt,
      schema: schema,
      askedAt: Date(timeIntervalSince1970: asked),
      expiresAt: json["expires_at"]?.doubleValue.map { Date(timeIntervalSince1970: $0) }
    )
    answer = json["answer"]
  }
}

extension Frontier.Timer {
  fileprivate var json: JSONValue {
    var parts: [String: JSONValue] = [
      "node": .string(node), "name": .string(name), "until": .double(until.timeIntervalSince1970),
    ]
    if let send { parts["send"] = .int(send) }
    return .object(parts)
  }

  fileprivate init?(json: JSONValue) {
    guard let node = json["node"]?.stringValue, let name = json["name"]?.stringValue,
      let until = json["until"]?.doubleValue
    else { return nil }
    self.init(
      node: node,
      send: json["send"]?.intValue,
      name: name,
      until: Date(timeIntervalSince1970: until)
    )
  }
}

extension RunError {
  /// The error as JSON, the form in which stores keep it.
  public var json: JSONValue {
    var parts: [String: JSONValue] = ["code": .string(code.rawValue), "message": .string(message)]
    if let node { parts["node"] = .string(node) }
    return .object(parts)
  }

  /// Reads what ``json`` gives; nil for anything else.
  public init?(json: JSONValue) {
    guard let code = json["code"]?.stringValue.flatMap(Code.init(rawValue:)),
      let message = json["message"]?.stringValue
    else { return nil }
    self.init(code, message, node: json["node"]?.stringValue)
  }
}
