public import CoachVocabulary

/// Decides whether SQL may run, and says why.
///
/// The engine's own parser says what a statement would do, and each check holds that against the policy. All that is not
/// allowed is refused. A statement that passes is bound to its policy: see ``GatedSQL``.
public struct SQLGate: Sendable {
  /// What statements may do.
  public let policy: GatePolicy
  private let examiner: any StatementExaminer

  /// Makes a gate; `examiner` is the engine on which the statements shall run.
  public init(policy: GatePolicy, examiner: any StatementExaminer) {
    self.policy = policy
    self.examiner = examiner
  }

  /// Judges a text and the values for its parameters.
  ///
  /// It never throws, for a refusal is an answer.
  public func decide(_ sql: String, parameters: [JSONValue] = []) async -> GateDecision {
    var trail: [Finding] = []
    if let refusal = TextRule.refusal(of: sql, under: policy) {
      return refused(refusal, by: TextRule.name, after: trail)
    }
    trail.append(Finding(check: TextRule.name, outcome: .passed))
    do throws(ExaminationFailure) {
      let facts = try await examiner.examine(sql)
      trail.append(Finding(check: Self.examination, outcome: .passed))
      return judge(CheckedStatement(facts: facts, parameters: parameters), after: trail)
    } catch {
      return refused(error.refusal(of: sql, under: policy), by: Self.examination, after: trail)
    }
  }

  /// Cheap and telling checks first; the row limit last, since it changes the text.
  static let checks: [any SQLCheck] = [
    SingleStatementCheck(), QuestionCheck(), RelationCheck(), JoinCheck(), RecursionCheck(), FunctionCheck(),
    FormatCheck(), ParameterCheck(), RowLimitCheck(),
  ]

  private static let examination = "examination"

  private func judge(_ examined: CheckedStatement, after findings: [Finding]) -> GateDecision {
    var statement = examined
    var trail = findings
    for check in Self.checks {
      switch check.judge(statement, under: policy) {
      case .pass:
        trail.append(Finding(check: check.name, outcome: .passed))
      case .narrow(let sql, let reason):
        trail.append(Finding(check: check.name, outcome: .narrowed(reason)))
        statement.sql = sql
      case .refuse(let refusal):
        return refused(refusal, by: check.name, after: trail)
      }
    }
    let gated = GatedSQL(
      sql: statement.sql,
      parameters: statement.parameters,
      policy: policy,
      facts: statement.facts
    )
    return GateDecision(verdict: .pass(gated), trail: trail)
  }

  private func refused(_ refusal: Refusal, by check: String, after trail: [Finding]) -> GateDecision {
    GateDecision(verdict: Verdict(refusal), trail: trail + [Finding(check: check, outcome: .refused(refusal))])
  }
}
