public import CoachVocabulary
import FoundationEssentials
public import ModelRouting
import SQLiteKit

/// Keeps what the router remembers in the metadata database.
public struct SQLiteRoutingStore: RoutingStore {
  let database: MetadataDatabase

  /// The recent traffic of a tenant; nil when none is kept, or when it cannot be read any more.
  public func window(of tenant: TenantID) async throws(RoutingStoreFailure) -> TrafficWindow? {
    do {
      let text = try await database.reader.query(
        "SELECT scores FROM routing_window WHERE tenant = ?",
        [SQLiteValue(tenant)]
      ).scalar?.string
      return text.flatMap { TrafficWindow(parsing: $0) }
    } catch {
      throw RoutingStoreFailure("\(error)")
    }
  }

  /// Keeps the recent traffic of a tenant, in place of what was kept.
  public func save(_ window: TrafficWindow, of tenant: TenantID) async throws(RoutingStoreFailure) {
    try await write(
      "INSERT OR REPLACE INTO routing_window (tenant, scores) VALUES (?, ?)",
      [SQLiteValue(tenant), SQLiteValue(window.text)]
    )
  }

  /// The newest outcomes of a tenant, oldest first.
  public func outcomes(of tenant: TenantID, last limit: Int) async throws(RoutingStoreFailure) -> [GateOutcome] {
    do {
      return try await database.reader.query(
        """
        SELECT \(GateOutcome.columns) FROM gate_outcome
        WHERE tenant = ? ORDER BY recorded_at DESC, run DESC, number DESC LIMIT ?
        """,
        [SQLiteValue(tenant), SQLiteValue(max(0, limit))]
      ).rows.reversed().map { try GateOutcome(stored: StoredRow($0)) }
    } catch let failure as StoredValueFailure {
      throw RoutingStoreFailure(failure.message)
    } catch {
      throw RoutingStoreFailure("\(error)")
    }
  }

  /// Keeps an outcome; one of the same run and number is replaced.
  public func record(_ outcome: GateOutcome, of tenant: TenantID) async throws(RoutingStoreFailure) {
    try await write(
      """
      INSERT OR REPLACE INTO gate_outcome
        (tenant, \(GateOutcome.columns))
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        SQLiteValue(tenant), SQLiteValue(outcome.run), SQLiteValue(outcome.number), SQLiteValue(outcome.kind),
        SQLiteValue(outcome.model), SQLiteValue(outcome.verdict.rawValue), SQLiteValue(outcome.isExecuted ? 1 : 0),
        SQLiteValue(outcome.isSane ? 1 : 0), SQLiteValue(outcome.isKept.map { $0 ? 1 : 0 }),
        SQLiteValue(outcome.recordedAt),
      ]
    )
  }

  /// Keeps whether the user kept the answer of a run.
  public func mark(_ run: RunID, isKept: Bool, of tenant: TenantID) async throws(RoutingStoreFailure) {
    try await write(
      "UPDATE gate_outcome SET kept = ? WHERE tenant = ? AND run = ?",
      [SQLiteValue(isKept ? 1 : 0), SQLiteValue(tenant), SQLiteValue(run)]
    )
  }

  private func write(_ statement: String, _ binds: [SQLiteValue]) async throws(RoutingStoreFailure) {
    do {
      try await database.writer.execute(statement, binds)
    } catch {
      throw RoutingStoreFailure("\(error)")
    }
  }
}

extension GateOutcome {
  /// The columns in the order in which ``init(stored:)`` reads them.
  static let columns = "run, number, kind, model, verdict, executed, sane, kept, recorded_at"

  init(stored row: StoredRow) throws(StoredValueFailure) {
    var row = row
    self.init(
      run: try row.identifier(),
      number: try row.int(),
      kind: try row.string(),
      model: try row.string(),
      verdict: try row.word(),
      isExecuted: try row.int() != 0,
      isSane: try row.int() != 0,
      isKept: try row.optionalInt().map { $0 != 0 },
      recordedAt: try row.date()
    )
  }
}
