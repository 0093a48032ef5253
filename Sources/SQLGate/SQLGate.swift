public import CoachVocabulary
import SQLSyntax

/// Decides whether SQL may run, and says why.
///
/// A statement is read into a tree in which everything has to be known; rules look at the tree; names are bound to the
/// relations of the policy, each of which is replaced by the rows and columns that the caller may see; and the text to run
/// is written anew from the bound tree. Where there is an engine to ask, its own parser then says what that text would do,
/// and a second set of checks holds that against the policy. All that is not allowed is refused. A statement that passes is
/// bound to its policy: see ``GatedSQL``.
public struct SQLGate: Sendable {
  /// What statements may do.
  public let policy: GatePolicy
  private let examiner: (any StatementExaminer)?
  private let filters: RowFilters

  /// Makes a gate.
  ///
  /// - Parameters:
  ///   - policy: what statements may do.
  ///   - examiner: the engine on which the statements shall run; without one the gate judges by the tree alone.
  public init(policy: GatePolicy, examiner: (any StatementExaminer)? = nil) {
    self.policy = policy
    self.examiner = examiner
    filters = RowFilters(policy)
  }

  /// Judges a text and the values for its parameters.
  ///
  /// It never throws, for a refusal is an answer.
  public func decide(_ sql: String, parameters: [JSONValue] = []) async -> GateDecision {
    var trail = Trail()
    do throws(Refusal) {
      let (query, rewritten) = try rewrite(sql, &trail)
      guard let examiner else {
        let facts = StatementFacts(sql: rewritten, parameterCount: query.parameterCount)
        return try judge(CheckedStatement(facts: facts, parameters: parameters), [ParameterCheck()], &trail)
      }
      let facts = try await examine(rewritten, by: examiner, &trail)
      return try judge(CheckedStatement(facts: facts, parameters: parameters), Self.checks, &trail)
    } catch {
      return trail.refused(error)
    }
  }

  /// The checks of what the engine saw, cheap and telling ones first.
  static let checks: [any SQLCheck] = [
    SingleStatementCheck(), QuestionCheck(), RelationCheck(), JoinCheck(), RecursionCheck(), FunctionCheck(),
    FormatCheck(), ParameterCheck(),
  ]

  /// The rules about the tree before names are bound.
  static let rules: [any TreeCheck] = [SizeRule(), FunctionRule(), OperatorRule(), TypeRule(), PatternRule()]

  /// The names of all steps, in order.
  static let steps =
    [TextRule.name, "syntax"] + rules.map(\.name) + ["names", VolumeRule.name, RowLimit.name, "examination"]
    + checks.map(\.name)
}

// MARK: - Steps

extension SQLGate {
  /// Reads a text, judges its tree and writes it anew.
  private func rewrite(_ sql: String, _ trail: inout Trail) throws(Refusal) -> (SQLQuery, String) {
    try trail.step(TextRule.name) { () throws(Refusal) in
      if let refusal = TextRule.refusal(of: sql, under: policy) { throw refusal }
    }
    let query = try trail.step("syntax") { () throws(Refusal) in
      do throws(SyntaxFault) {
        return try SQLParser.parse(sql, dialect: policy.dialect)
      } catch {
        throw Refusal(error, under: policy)
      }
    }
    for rule in Self.rules {
      try trail.step(rule.name) { () throws(Refusal) in try rule.judge(query, under: policy) }
    }
    let bound = try trail.step("names") { () throws(Refusal) in
      let hasBarriers = Barriers(policy.dialect).areNeeded(in: query)
      return try Binder(policy: policy, filters: filters, hasBarriers: hasBarriers).bind(query)
    }
    try trail.step(VolumeRule.name) { () throws(Refusal) in try VolumeRule(policy: policy).judge(bound) }
    trail.current = RowLimit.name
    let limited = RowLimit(policy).applied(to: bound)
    if limited == nil { trail.pass() } else { trail.narrow("at most \(RowLimit(policy).rows) rows") }
    return (bound, (limited ?? bound).sql(for: policy.dialect))
  }

  private func examine(
    _ sql: String,
    by examiner: any StatementExaminer,
    _ trail: inout Trail
  ) async throws(Refusal) -> StatementFacts {
    trail.current = "examination"
    do throws(ExaminationFailure) {
      let facts = try await examiner.examine(sql)
      trail.pass()
      return facts
    } catch {
      throw error.refusal(of: sql, under: policy)
    }
  }

  private func judge(
    _ statement: CheckedStatement,
    _ checks: [any SQLCheck],
    _ trail: inout Trail
  ) throws(Refusal) -> GateDecision {
    for check in checks {
      trail.current = check.name
      if let refusal = check.refusal(of: statement, under: policy) { throw refusal }
      trail.pass()
    }
    let gated = GatedSQL(
      sql: statement.facts.sql,
      parameters: statement.parameters,
      policy: policy,
      facts: statement.facts
    )
    return GateDecision(verdict: .pass(gated), trail: trail.findings)
  }
}

/// The findings so far, and the step that is being taken.
private struct Trail {
  var findings: [Finding] = []
  var current = ""

  mutating func pass() { findings.append(Finding(check: current, outcome: .passed)) }
  mutating func narrow(_ reason: String) { findings.append(Finding(check: current, outcome: .narrowed(reason))) }

  mutating func step<Value>(_ name: String, _ body: () throws(Refusal) -> Value) throws(Refusal) -> Value {
    current = name
    let value = try body()
    pass()
    return value
  }

  func refused(_ refusal: Refusal) -> GateDecision {
    let finding = Finding(check: current, outcome: .refused(refusal))
    return GateDecision(verdict: Verdict(refusal), trail: findings + [finding])
  }
}

extension SQLQuery {
  /// The highest number of a parameter.
  var parameterCount: Int {
    var count = 0
    visit { node in
      if case .expression(let value) = node, case .parameter(let number) = value.kind { count = max(count, number) }
    }
    return count
  }
}
