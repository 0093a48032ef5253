public import CoachVocabulary
import FoundationEssentials
public import ModelRouting
import PostgresKit

/// Keeps what the router remembers on a PostgreSQL server, for all replicas.
public struct PostgresRoutingStore: RoutingStore {
  let database: PostgresMetadataDatabase

  /// The recent traffic of a tenant; nil when none is kept, or when it cannot be read any more.
  public func window(of tenant: TenantID) async throws(RoutingStoreFailure) -> TrafficWindow? {
    let statement = PostgresStatement(
      "SELECT scores FROM routing_window WHERE tenant = $1",
      [PostgresValue(tenant)]
    )
    return try await rows(tenant, statement).first?.first?.string.flatMap { TrafficWindow(parsing: $0) }
  }

  /// Keeps the recent traffic of a tenant; of replicas that save, the last one's stays.
  public func save(_ window: TrafficWindow, of tenant: TenantID) async throws(RoutingStoreFailure) {
    let statement = PostgresStatement(
      """
      INSERT INTO routing_window (tenant, scores) VALUES ($1, $2)
      ON CONFLICT (tenant) DO UPDATE SET scores = excluded.scores
      """,
      [PostgresValue(tenant), PostgresValue(window.text)]
    )
    _ = try await rows(tenant, statement)
  }

  /// The newest outcomes of a tenant, oldest first.
  public func outcomes(of tenant: TenantID, last limit: Int) async throws(RoutingStoreFailure) -> [GateOutcome] {
    let statement = PostgresStatement(
      """
      SELECT \(GateOutcome.columns) FROM gate_outcome
      WHERE tenant = $1 ORDER BY recorded_at DESC, run DESC, number DESC LIMIT $2
      """,
      [PostgresValue(tenant), PostgresValue(max(0, limit))]
    )
    let rows = try await rows(tenant, statement)
    do {
      return try rows.reversed().map { try GateOutcome(stored: StoredRow($0)) }
    } catch {
      throw RoutingStoreFailure("\(error)")
    }
  }

  /// Keeps an outcome; one of the same run and number is replaced.
  public func record(_ outcome: GateOutcome, of tenant: TenantID) async throws(RoutingStoreFailure) {
    let statement = PostgresStatement(
      """
      INSERT INTO gate_outcome (tenant, \(GateOutcome.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (tenant, run, number) DO UPDATE SET kind = excluded.kind, model = excluded.model,
        verdict = excluded.verdict, executed = excluded.executed, sane = excluded.sane, kept = excluded.kept,
        recorded_at = excluded.recorded_at
      """,
      [
        PostgresValue(tenant), PostgresValue(outcome.run), PostgresValue(outcome.number), PostgresValue(outcome.kind),
        PostgresValue(outcome.model), PostgresValue(outcome.verdict.rawValue),
        PostgresValue(outcome.isExecuted ? 1 : 0), PostgresValue(outcome.isSane ? 1 : 0),
        PostgresValue(outcome.isKept.map { $0 ? 1 : 0 }), PostgresValue(outcome.recordedAt),
      ]
    )
    _ = try await rows(tenant, statement)
  }

  /// Keeps whether the user kept the answer of a run.
  public func mark(_ run: RunID, isKept: Bool, of tenant: TenantID) async throws(RoutingStoreFailure) {
    let statement = PostgresStatement(
      "UPDATE gate_outcome SET kept = $1 WHERE tenant = $2 AND run = $3",
      [PostgresValue(isKept ? 1 : 0), PostgresValue(tenant), PostgresValue(run)]
    )
    _ = try await rows(tenant, statement)
  }

  private func rows(
    _ tenant: TenantID,
    _ statement: PostgresStatement
  ) async throws(RoutingStoreFailure) -> [[PostgresValue]] {
    do {
      return try await database.run(tenant, [statement]).rows
    } catch {
      throw RoutingStoreFailure("\(error)")
    }
  }
}
