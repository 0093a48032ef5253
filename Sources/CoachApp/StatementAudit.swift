import CoachAgents
import CoachVocabulary
import ConcurrencyKit
import Persistence

/// Keeps what became of models' statements in the coach's own data.
struct StatementAudit: StatementAuditing {
  let database: MetadataStore
  let clock: WallClock

  func judged(_ statement: JudgedStatement) async throws {
    try await database.record(
      AuditedStatement(
        run: statement.run,
        number: statement.number,
        session: statement.session,
        domain: statement.domain,
        model: statement.model,
        statement: statement.statement,
        verdict: statement.verdict,
        trail: statement.trail,
        judgedAt: clock.now
      ),
      of: .local
    )
  }

  func executed(run: RunID, number: Int, rows: Int?, problem: String?, duration: Duration) async throws {
    try await database.complete(run, number, rows: rows, problem: problem, duration: duration, of: .local)
  }
}
