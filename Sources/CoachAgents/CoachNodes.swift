public import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import ModelRouting
import Questions
import SQLGate
import SemanticLayer
public import StateGraph
import Warehouse

/// The functions and agents that the coach's graphs are made of.
public struct CoachNodes: Sendable {
  let services: CoachServices

  /// Makes the nodes over the services they need.
  public init(_ services: CoachServices) { self.services = services }

  /// Every function and agent under the name that graph files use.
  public var registry: NodeRegistry {
    var registry = NodeRegistry()
    add("coach.intake", to: &registry, intake)
    add("questions.parse", to: &registry, parse)
    add("semantic.compile", to: &registry, compile)
    add("semantic.adopt", to: &registry, adopt)
    add("gate.check", to: &registry, check)
    add("warehouse.execute", to: &registry, execute)
    add("answer.compose", to: &registry, compose)
    add("answer.ground", to: &registry, ground)
    add("answer.clarify", to: &registry, clarify)
    add("answer.decline", to: &registry, decline)
    add("answer.investigate", to: &registry, investigate)
    add("goals.plan", to: &registry, planGoals)
    add("goals.decide", to: &registry, decideGoal)
    registry.register("coach.finish", reads: ["answer", "session", "steps", "asked_at"], finish)
    for (id, declaration) in services.agents {
      let node = AgentNode(
        declaration: declaration,
        services: services,
        inputs: promptInputs,
        schemas: Self.outputSchemas
      )
      let writes = declaration.output.writes + ["model_used", "agent_problem", "steps"]
      registry.register(agent: id, writes: writes, timed(node.run))
    }
    return registry
  }

  /// The JSON Schemas that agents may name as their output.
  public static let outputSchemas: [String: JSONValue] = ["SQLProposal": SQLProposal.schema]

  private func add(_ name: String, to registry: inout NodeRegistry, _ function: @escaping NodeFunction) {
    registry.register(name, writes: (Self.writes[name] ?? []) + ["steps"], timed(function))
  }

  /// The channels that functions write; a graph that uses a function and lacks one of them is refused when it is read.
  private static let writes: [String: [String]] = [
    "coach.intake": ["as_of", "model_available"],
    "questions.parse": ["outcome", "frame", "reason", "missing", "options", "notes"],
    "semantic.compile": ["sql", "count_sql", "parameters", "columns", "interpretation", "by_model"],
    "semantic.adopt": [
      "sql", "count_sql", "parameters", "columns", "interpretation", "by_model", "verdict", "reason",
    ],
    "gate.check": ["attempts", "verdict", "problem"],
    "warehouse.execute": ["rows", "total_rows", "columns", "notes", "verdict", "problem"],
    "answer.compose": ["answer"],
    "answer.ground": ["answer"],
    "answer.clarify": ["answer"],
    "answer.decline": ["answer"],
    "answer.investigate": ["answer", "verdict"],
    "goals.plan": ["answer", "verdict", "goal"],
    "goals.decide": ["answer"],
  ]

  /// Adds how long a node took to the steps that the answer shows.
  private func timed(_ function: @escaping NodeFunction) -> NodeFunction {
    { state, context in
      let start = ContinuousClock.now
      var update = try await function(state, context)
      let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
      let rounded = (elapsed * 100).rounded() / 100
      try update.append(
        CoachState.steps,
        StepRecord(node: context.node, durationMilliseconds: rounded, note: update.note)
      )
      return update
    }
  }

  // MARK: - Reading the question

  private func intake(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let domain = try services.domain(state[CoachState.domain])
    var update = StateUpdate()
    try update.set(CoachState.asOf, try state[CoachState.asOf] ?? domain.asOf(now: services.clock.now))
    try update.set(CoachState.modelAvailable, services.router.hasEndpoints)
    return update
  }

  func parser(_ state: StateSnapshot) throws -> (Domain, QuestionParser) {
    let domain = try services.domain(state[CoachState.domain])
    return (domain, domain.parser(asOf: try state.required(CoachState.asOf)))
  }

  private func parse(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let (_, parser) = try parser(state)
    let parsed = parser.parse(try state.required(CoachState.message), after: try state[CoachState.previousFrame])
    var update = StateUpdate()
    for note in parsed.notes { try update.append(CoachState.notes, note.sentence) }
    switch parsed.outcome {
    case .sure(let frame):
      try update.set(CoachState.outcome, "sure")
      try update.set(CoachState.frame, frame)
      update.note = parsed.isFollowUp ? "understood as a follow-up" : "understood without a model"
    case .clarify(let prompt, let options):
      try update.set(CoachState.outcome, "clarify")
      try update.set(CoachState.reason, prompt)
      try update.set(
        CoachState.options,
        options.map { Answer.Option(label: $0.label, preview: $0.preview, question: $0.question) }
      )
      update.note = "more than one reading"
    case .decline(let reason, let missing):
      try update.set(CoachState.outcome, "decline")
      try update.set(CoachState.reason, reason)
      try update.set(CoachState.missing, missing)
      update.note = "outside the data"
    case .investigate(let frame):
      try update.set(CoachState.outcome, "investigate")
      try update.set(CoachState.frame, frame)
      update.note = "asks for a cause"
    case .unsure(_, let missing, let reason):
      try update.set(CoachState.outcome, "unsure")
      try update.set(CoachState.reason, reason)
      try update.set(CoachState.missing, missing)
      update.note = missing.isEmpty ? "not sure" : "not understood: \(missing.joined(separator: ", "))"
    }
    return update
  }

  // MARK: - From frame or proposal to SQL

  private func compile(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let (_, parser) = try parser(state)
    let query = try parser.compiler.compile(try state.required(CoachState.frame)).withPoints
    var update = StateUpdate()
    try update.set(CoachState.sql, query.sql)
    try update.set(CoachState.countSQL, query.countSQL)
    try update.set(CoachState.parameters, query.parameters)
    try update.set(CoachState.columns, query.columns)
    try update.set(CoachState.interpretation, query.interpretation)
    try update.set(CoachState.byModel, false)
    return update
  }

  /// Takes over what the SQL generator proposed.
  private func adopt(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    var update = StateUpdate()
    try update.set(CoachState.byModel, true)
    let problem = try state[CoachState.agentProblem] ?? ""
    guard problem.isEmpty, let proposal = try state[CoachState.proposal] else {
      let reason = try state[CoachState.reason] ?? ""
      try update.set(CoachState.verdict, "impossible")
      try update.set(CoachState.reason, "\(reason) No model could help: \(problem)".sentence)
      return update
    }
    guard proposal.kind == .sql, !proposal.sql.isEmpty else {
      try update.set(CoachState.verdict, "impossible")
      let missing = proposal.missing.isEmpty ? proposal.explanation : proposal.missing
      try update.set(CoachState.reason, "The data cannot say that: \(missing)".sentence)
      return update
    }
    try update.set(CoachState.verdict, "proposed")
    try update.set(CoachState.sql, proposal.sql)
    try update.set(CoachState.countSQL, nil)
    try update.set(CoachState.parameters, [])
    try update.set(CoachState.columns, [])
    try update.set(CoachState.interpretation, proposal.explanation)
    return update
  }

  private func check(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let domain = try services.domain(state[CoachState.domain])
    let sql = try state.required(CoachState.sql)
    let decision = await domain.judge(sql, parameters: try state[CoachState.parameters] ?? [])
    var update = StateUpdate()
    try update.set(CoachState.attempts, 1)
    switch decision.verdict {
    case .pass:
      try update.set(CoachState.verdict, "pass")
      update.note = "allowed"
    case .repairable(let refusal), .forbidden(let refusal):
      let isRepairable = if case .repairable = decision.verdict { true } else { false }
      try update.set(CoachState.verdict, isRepairable ? "repairable" : "forbidden")
      try update.set(CoachState.problem, refusal.description)
      update.note = "refused: \(refusal.reason.rawValue)"
    }
    context.emit(
      "gate",
      [
        "verdict": update.writes["verdict"] ?? .null, "problem": update.writes["problem"] ?? .null,
        "sql": .string(sql), "by_model": .bool(try state[CoachState.byModel] ?? false),
        "checks": .array(decision.trail.map { .string($0.check) }),
      ]
    )
    try await audit(decision, of: sql, state, context)
    if case .pass = decision.verdict { return update }
    let isRepairable = if case .repairable = decision.verdict { true } else { false }
    await learn(state, context, statement: 1, isRepairable ? .repairable : .forbidden)
    return update
  }

  private func execute(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let domain = try services.domain(state[CoachState.domain])
    let sql = try state.required(CoachState.sql)
    let countSQL = try state[CoachState.countSQL]
    let parameters = try state[CoachState.parameters] ?? []
    var update = StateUpdate()
    let table: ResultTable
    var total: Int?
    let start = ContinuousClock.now
    do throws(QueryFailure) {
      table = try await domain.run(sql, parameters: parameters)
      if let countSQL { total = try await domain.run(countSQL, parameters: parameters).rows.first?.first?.intValue }
    } catch {
      if Task.isCancelled { throw CancellationError() }
      try update.set(CoachState.verdict, "failed")
      try update.set(CoachState.problem, error.description)
      update.note = "the database refused it"
      try await audit(execution: nil, error.description, since: start, state, context)
      await learn(state, context, .pass)
      return update
    }
    try await audit(execution: table.rows.count, nil, since: start, state, context)
    try update.set(CoachState.rows, table.rows)
    try update.set(CoachState.totalRows, total)
    if try state[CoachState.columns]?.isEmpty ?? true {
      try update.set(CoachState.columns, ColumnGuess(model: domain.model).columns(of: table))
    }
    if table.isTruncated {
      try update.append(CoachState.notes, "The result was cut off at \(table.rows.count) rows.")
    }
    update.note = "\(table.rows.count) row\(table.rows.count == 1 ? "" : "s")"
    let isSane = table.rows.isEmpty || table.rows.contains { row in row.contains { !$0.isNull } }
    await learn(state, context, .pass, isExecuted: true, isSane: isSane)
    return update
  }

  /// Keeps what the gate said about a model's statement.
  private func audit(
    _ decision: GateDecision,
    of sql: String,
    _ state: StateSnapshot,
    _ context: NodeContext
  ) async throws {
    guard let audit = services.audit, try state[CoachState.byModel] ?? false else { return }
    let verdict =
      switch decision.verdict {
      case .pass: "pass"
      case .repairable: "repairable"
      case .forbidden: "forbidden"
      }
    try await audit.judged(
      JudgedStatement(
        run: context.run,
        number: (try state[CoachState.attempts] ?? 0) + 1,
        session: SessionID(try state[CoachState.session] ?? ""),
        domain: try state[CoachState.domain] ?? "",
        model: try state[CoachState.modelUsed] ?? "",
        statement: sql,
        verdict: verdict,
        trail: .array(decision.trail.map(\.json))
      )
    )
  }

  /// Keeps what came of running a model's statement.
  private func audit(
    execution rows: Int?,
    _ problem: String?,
    since start: ContinuousClock.Instant,
    _ state: StateSnapshot,
    _ context: NodeContext
  ) async throws {
    guard let audit = services.audit, try state[CoachState.byModel] ?? false else { return }
    try await audit.executed(
      run: context.run,
      number: try state[CoachState.attempts] ?? 0,
      rows: rows,
      problem: problem,
      duration: ContinuousClock.now - start
    )
  }

  /// Tells the router what became of a model's statement, so that it knows whom to ask next time.
  ///
  /// `more` is 1 where the state does not count the statement yet.
  private func learn(
    _ state: StateSnapshot,
    _ context: NodeContext,
    statement more: Int = 0,
    _ verdict: GateOutcome.GateVerdict,
    isExecuted: Bool = false,
    isSane: Bool = false
  ) async {
    guard let byModel = try? state[CoachState.byModel], byModel, let question = try? state[CoachState.message],
      let model = try? state[CoachState.modelUsed], !model.isEmpty
    else { return }
    let missing = (try? state[CoachState.missing]) ?? []
    let outcome = GateOutcome(
      run: context.run,
      number: ((try? state[CoachState.attempts]) ?? 0) + more,
      kind: services.router.questionKind(of: ComplexityInput(question: question, unresolvedWords: missing.count)),
      model: model,
      verdict: verdict,
      isExecuted: isExecuted,
      isSane: isSane,
      recordedAt: services.clock.now
    )
    // Whether it can be kept is no reason to leave the question unanswered.
    try? await services.router.learn(outcome, of: .local)
  }

  // MARK: - Answers

  private func compose(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let (domain, parser) = try parser(state)
    let byModel = try state[CoachState.byModel] ?? false
    var answer = AnswerComposition(
      question: try state.required(CoachState.message),
      frame: byModel ? nil : try state[CoachState.frame],
      interpretation: try state[CoachState.interpretation] ?? "",
      columns: try state[CoachState.columns] ?? [],
      rows: try state[CoachState.rows] ?? [],
      totalRows: try state[CoachState.totalRows],
      sql: try state[CoachState.sql],
      parameters: try state[CoachState.parameters] ?? [],
      notes: try state[CoachState.notes] ?? []
    ).answer(in: domain, parser: parser, asOf: try state.required(CoachState.asOf))
    if byModel, let model = try state[CoachState.modelUsed] { answer.notes.append("The SQL was written by \(model).") }
    var update = StateUpdate()
    try update.set(CoachState.answer, answer)
    return update
  }

  /// Takes a model's wording only when every number in it can be traced to the rows.
  private func ground(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    var answer = try state.required(CoachState.answer)
    let wording = (try state[CoachState.wording] ?? "").trimmed
    var update = StateUpdate()
    guard try state[CoachState.agentProblem] ?? "" == "", !wording.isEmpty else {
      update.note = "no wording; the plain text stands"
      return update
    }
    let allowed =
      [answer.question, answer.interpretation, answer.text, answer.asOf.description, answer.rowsNote]
      + answer.parameters.compactMap(\.stringValue)
    let findings = answer.findings
    let rows = findings.isEmpty ? answer.rows : []
    let untraced = Grounding(rows: rows, allowedTexts: allowed + findings).untraced(in: wording)
    context.emit("ground", ["untraced": .array(untraced.map { .string($0) }), "accepted": .bool(untraced.isEmpty)])
    if untraced.isEmpty {
      answer.text = wording
      answer.writtenBy = try state[CoachState.modelUsed] ?? "model"
      update.note = "every number traced"
    } else {
      // A client may have shown the words as they came.
      context.emit("token_reset", ["reason": "untraced"])
      answer.notes.append(
        "The model's wording held numbers that are not in the rows (\(untraced.joined(separator: ", "))); "
          + "the plain wording is shown."
      )
      update.note = "untraced: \(untraced.joined(separator: ", "))"
    }
    try update.set(CoachState.answer, answer)
    return update
  }

  private func clarify(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    var answer = try words(.clarify, state)
    answer.options = try state[CoachState.options] ?? []
    return try replying(answer)
  }

  private func decline(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    var answer = try words(.decline, state)
    answer.missing = try state[CoachState.missing] ?? []
    let verdict = try state[CoachState.verdict] ?? ""
    if ["repairable", "forbidden", "failed"].contains(verdict) {
      answer.text =
        try state[CoachState.byModel] ?? false
        ? "I could not find a safe way to answer that from the data. \(try state[CoachState.problem] ?? "")"
        : "The question was understood, but the database could not answer it. \(try state[CoachState.problem] ?? "")"
      answer.sql = try state[CoachState.sql]
    } else if try state[CoachState.outcome] == "unsure", !(try state[CoachState.modelAvailable] ?? false) {
      answer.text += " Try it in other words; no language model is configured to help."
    }
    answer.suggestions = Array(try services.domain(state[CoachState.domain]).model.language.starters.prefix(3))
    return try replying(answer)
  }

  func words(_ outcome: Answer.Outcome, _ state: StateSnapshot) throws -> Answer {
    var answer = Answer(
      outcome,
      question: try state.required(CoachState.message),
      text: try state[CoachState.reason] ?? "",
      asOf: try state.required(CoachState.asOf)
    )
    answer.notes = try state[CoachState.notes] ?? []
    return answer
  }

  func replying(_ answer: Answer) throws -> StateUpdate {
    var update = StateUpdate()
    try update.set(CoachState.answer, answer)
    return update
  }

  private func investigate(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let (domain, parser) = try parser(state)
    var answer = try words(.investigate, state)
    let report: InvestigationReport?
    do {
      let investigation = Investigation(domain: domain, compiler: parser.compiler)
      report = if let frame = try state[CoachState.frame] { try await investigation.report(on: frame) } else { nil }
    } catch let failure as CompileFailure {
      answer.text = "That change cannot be looked into: \(failure)".sentence
      return try replying(answer)
    }
    guard let report else {
      answer.text =
        "Which figure should I look into? Name the metric and the period, for instance "
        + "'why did \(domain.model.metrics[0].label.loweredFirst) change last month?'."
      return try replying(answer)
    }
    InvestigationAnswer(report).fill(&answer)
    var update = try replying(answer)
    // A model may word what was found; an answer that asks back is final.
    try update.set(CoachState.verdict, "explained")
    return update
  }

  // MARK: - Delivery

  private func finish(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    let answer = try state.required(CoachState.answer)
    let session = SessionID(try state.required(CoachState.session))
    var members = try JSONValue(encoding: answer).objectValue ?? [:]
    members["steps"] = try JSONValue(encoding: try state[CoachState.steps] ?? [])
    let asked = try state[CoachState.askedAt] ?? 0
    let latency = services.clock.now.timeIntervalSince1970 * 1_000 - asked
    members["latency_ms"] = .double((max(0, latency) * 100).rounded() / 100)
    let complete = JSONValue.object(members)
    let delivered = try await context.once("deliver") {
      try await services.deliver(context.run, session, complete)
    }
    context.emit("answer", delivered)
    return StateUpdate()
  }

  // MARK: - What prompts are told

  private static let sqlInputNames = [
    "question", "schema", "metrics", "dimensions", "as_of", "dialect", "frame_refusal", "previous_error", "history",
  ]
  private static let answerInputNames = ["interpretation", "plain_answer", "columns", "rows", "notes", "findings"]

  /// The names that agents may list under `inputs` beside the channels of a graph.
  public static var promptInputNames: Set<String> { Set(sqlInputNames + answerInputNames) }

  private var promptInputs: [String: AgentNode.InputProvider] {
    let services = services
    var providers: [String: AgentNode.InputProvider] = [:]
    for name in Self.sqlInputNames {
      providers[name] = { state in
        let domain = try services.domain(state[CoachState.domain])
        return try Self.sqlInputs(domain, state)[name] ?? .null
      }
    }
    for name in Self.answerInputNames {
      providers[name] = { state in
        let answer = try state.required(CoachState.answer)
        return switch name {
        case "interpretation": .string(answer.interpretation)
        case "plain_answer": .string(answer.text)
        case "findings": .array(answer.findings.map { .string($0) })
        case "columns": .array(answer.columns.map(\.promptMembers))
        case "rows": .array(answer.rows.prefix(50).map { .array($0) })
        default: .array(answer.notes.map { .string($0) })
        }
      }
    }
    return providers
  }

  private static func sqlInputs(_ domain: Domain, _ state: StateSnapshot) throws -> [String: JSONValue] {
    let problem = try state[CoachState.problem] ?? ""
    var previousError: String?
    if !problem.isEmpty, let sql = try state[CoachState.sql] {
      previousError = "\(problem)\nThe statement was:\n\(sql)"
    }
    return SQLPromptInputs(domain: domain).values(
      question: try state.required(CoachState.message),
      asOf: try state.required(CoachState.asOf),
      refusal: try state[CoachState.reason] ?? "",
      previousError: previousError,
      history: try state[CoachState.history] ?? []
    )
  }
}

extension String {
  /// The text without blanks at its ends.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// The text as a sentence: a capital first, a full stop last.
  var sentence: String {
    let text = trimmed
    guard let last = text.last else { return "" }
    return text.prefix(1).uppercased() + text.dropFirst() + (".!?".contains(last) ? "" : ".")
  }
}

extension Finding {
  /// The check, its outcome, and perhaps why.
  fileprivate var json: JSONValue {
    switch outcome {
    case .passed: [.string(check), "passed"]
    case .narrowed(let reason): [.string(check), "narrowed", .string(reason)]
    case .refused(let refusal):
      [.string(check), "refused", .string(refusal.reason.rawValue), .string(refusal.description)]
    }
  }
}
