public import CoachVocabulary
public import FoundationEssentials
import SQLiteKit
public import StateGraph

/// Keeps results of nodes of one tenant in the metadata database, so that they outlive the process.
public struct SQLiteNodeCache: NodeCache {
  let database: MetadataDatabase
  let tenant: TenantID

  /// The kept result; nil when there is none, its time is over, or the database cannot be read.
  public func value(for key: String, at now: Date) async -> JSONValue? {
    let text = try? await database.reader.query(
      "SELECT value FROM node_cache WHERE tenant = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
      [SQLiteValue(tenant), SQLiteValue(key), SQLiteValue(now)]
    ).scalar?.string
    return text.flatMap { try? JSONText.decode($0) }
  }

  /// Keeps a result until a moment; the database drops it when it cannot be written.
  public func save(_ value: JSONValue, for key: String, until expiry: Date?) async {
    try? await database.writer.execute(
      "INSERT OR REPLACE INTO node_cache (tenant, key, value, expires_at) VALUES (?, ?, ?, ?)",
      [SQLiteValue(tenant), SQLiteValue(key), SQLiteValue(value), SQLiteValue(expiry)]
    )
  }

  /// Deletes what is over.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func prune(at now: Date) async throws(PersistenceFailure) {
    do {
      try await database.writer.execute(
        "DELETE FROM node_cache WHERE tenant = ? AND expires_at <= ?",
        [SQLiteValue(tenant), SQLiteValue(now)]
      )
    } catch {
      throw PersistenceFailure(error)
    }
  }
}
