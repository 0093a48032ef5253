import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import PostgresKit
import SQLiteKit

// A run is stopped by the process that works on it. Who else wants it stopped leaves a request, which that process finds,
// or, when it has died, the one that takes the run over.

extension MetadataDatabase {
  /// Asks whoever works on a run to stop it; asking again changes nothing.
  ///
  /// - Throws: ``PersistenceFailure``.
  func requestStop(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    do {
      try await writer.execute(
        """
        INSERT INTO stop_request (tenant, run, requested_at) SELECT tenant, run, ? FROM run
        WHERE tenant = ? AND run = ? ON CONFLICT DO NOTHING
        """,
        [SQLiteValue(clock.now), SQLiteValue(tenant), SQLiteValue(run)]
      )
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// The runs of a tenant that somebody wants stopped.
  func stopRequests(of tenant: TenantID) async throws(PersistenceFailure) -> [RunID] {
    do {
      return try await reader.query("SELECT run FROM stop_request WHERE tenant = ? ORDER BY run", [SQLiteValue(tenant)])
        .rows.compactMap { $0.first?.string.map { RunID($0) } }
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Drops the request for a run, as it is done.
  func dropStopRequest(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    do {
      try await writer.execute(
        "DELETE FROM stop_request WHERE tenant = ? AND run = ?",
        [SQLiteValue(tenant), SQLiteValue(run)]
      )
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

extension PostgresMetadataDatabase {
  /// Asks whoever works on a run to stop it; asking again changes nothing.
  func requestStop(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    try await query(
      tenant,
      """
      INSERT INTO stop_request (tenant, run, requested_at) SELECT tenant, run, $3 FROM run
      WHERE tenant = $1 AND run = $2 ON CONFLICT DO NOTHING
      """,
      [PostgresValue(tenant), PostgresValue(run), PostgresValue(clock.now)]
    )
    news?.tellOfRequest()
  }

  /// The runs of a tenant that somebody wants stopped.
  func stopRequests(of tenant: TenantID) async throws(PersistenceFailure) -> [RunID] {
    try await query(tenant, "SELECT run FROM stop_request WHERE tenant = $1 ORDER BY run", [PostgresValue(tenant)])
      .rows.compactMap { $0.first?.string.map { RunID($0) } }
  }

  /// Drops the request for a run, as it is done.
  func dropStopRequest(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    try await query(
      tenant,
      "DELETE FROM stop_request WHERE tenant = $1 AND run = $2",
      [PostgresValue(tenant), PostgresValue(run)]
    )
  }

  @discardableResult
  private func query(
    _ tenant: TenantID,
    _ sql: String,
    _ binds: [PostgresValue]
  ) async throws(PersistenceFailure) -> PostgresRows {
    do {
      return try await run(tenant, [PostgresStatement(sql, binds)])
    } catch {
      throw PersistenceFailure(error)
    }
  }
}
