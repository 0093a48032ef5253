public import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials
import PostgresKit
public import StateGraph

/// Keeps the results of nodes of one tenant on a PostgreSQL server, for all replicas.
public struct PostgresNodeCache: NodeCache {
  let database: PostgresMetadataDatabase
  let tenant: TenantID

  /// The kept result; nil when there is none, its time is over, or the server cannot be asked.
  public func value(for key: String, at now: Date) async -> JSONValue? {
    let statement = PostgresStatement(
      "SELECT value FROM node_cache WHERE tenant = $1 AND key = $2 AND (expires_at IS NULL OR expires_at > $3)",
      [PostgresValue(tenant), PostgresValue(key), PostgresValue(now)]
    )
    guard let text = try? await database.run(tenant, [statement]).scalar?.string else { return nil }
    return try? JSONText.decode(text)
  }

  /// Keeps a result until a moment, and lets go of those whose time is over.
  public func save(_ value: JSONValue, for key: String, until expiry: Date?) async {
    let statements = [
      PostgresStatement(
        "DELETE FROM node_cache WHERE tenant = $1 AND expires_at <= $2",
        [PostgresValue(tenant), PostgresValue(database.clock.now)]
      ),
      PostgresStatement(
        """
        INSERT INTO node_cache (tenant, key, value, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
        """,
        [PostgresValue(tenant), PostgresValue(key), PostgresValue(value), PostgresValue(expiry)]
      ),
    ]
    _ = try? await database.run(tenant, statements)
  }
}
