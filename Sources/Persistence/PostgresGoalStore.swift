public import CoachVocabulary
public import Goals
import PostgresKit

/// Keeps goals on a PostgreSQL server, for all replicas.
public struct PostgresGoalStore: GoalStore {
  let database: PostgresMetadataDatabase

  /// Keeps a goal; one of the same identifier is replaced.
  public func save(_ goal: Goal, of tenant: TenantID) async throws(GoalStoreFailure) {
    let statement = PostgresStatement(
      """
      INSERT INTO goal (tenant, goal, domain, closed, body) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (tenant, goal) DO UPDATE
      SET domain = excluded.domain, closed = excluded.closed, body = excluded.body
      """,
      [
        PostgresValue(tenant), PostgresValue(goal.id), PostgresValue(goal.domain),
        PostgresValue(goal.state.isClosed ? 1 : 0), PostgresValue(try StoredGoals.text(goal)),
      ]
    )
    _ = try await rows(tenant, statement)
  }

  /// A goal, or nil when there is none.
  public func goal(_ id: GoalID, of tenant: TenantID) async throws(GoalStoreFailure) -> Goal? {
    let statement = PostgresStatement(
      "SELECT body FROM goal WHERE tenant = $1 AND goal = $2",
      [PostgresValue(tenant), PostgresValue(id)]
    )
    let goals: [Goal] = try await read(tenant, statement)
    return goals.first
  }

  /// The newest goals of a domain, or of all.
  public func goals(
    of tenant: TenantID,
    domain: String?,
    openOnly: Bool,
    limit: Int
  ) async throws(GoalStoreFailure) -> [Goal] {
    let statement = PostgresStatement(
      """
      SELECT body FROM goal
      WHERE tenant = $1 AND ($2::text IS NULL OR domain = $2::text) AND closed <= $3 ORDER BY goal DESC LIMIT $4
      """,
      [
        PostgresValue(tenant), PostgresValue(domain), PostgresValue(openOnly ? 0 : 1), PostgresValue(max(0, limit)),
      ]
    )
    return try await read(tenant, statement)
  }

  /// Keeps a check-in; one of the same goal and day is replaced.
  public func save(_ checkIn: CheckIn, of tenant: TenantID) async throws(GoalStoreFailure) {
    let statement = PostgresStatement(
      """
      INSERT INTO goal_check_in (tenant, goal, day, body) VALUES ($1, $2, $3, $4)
      ON CONFLICT (tenant, goal, day) DO UPDATE SET body = excluded.body
      """,
      [
        PostgresValue(tenant), PostgresValue(checkIn.goal), PostgresValue(checkIn.day.description),
        PostgresValue(try StoredGoals.text(checkIn)),
      ]
    )
    _ = try await rows(tenant, statement)
  }

  /// The newest check-ins of a goal, oldest first.
  public func checkIns(
    of goal: GoalID,
    tenant: TenantID,
    last limit: Int
  ) async throws(GoalStoreFailure) -> [CheckIn] {
    let statement = PostgresStatement(
      "SELECT body FROM goal_check_in WHERE tenant = $1 AND goal = $2 ORDER BY day DESC LIMIT $3",
      [PostgresValue(tenant), PostgresValue(goal), PostgresValue(max(0, limit))]
    )
    return try await read(tenant, statement).reversed()
  }

  private func read<Value: Decodable>(
    _ tenant: TenantID,
    _ statement: PostgresStatement
  ) async throws(GoalStoreFailure) -> [Value] {
    let rows = try await rows(tenant, statement)
    do {
      return try rows.map { try StoredGoals.value($0.first?.string) }
    } catch {
      throw GoalStoreFailure("\(error)")
    }
  }

  private func rows(
    _ tenant: TenantID,
    _ statement: PostgresStatement
  ) async throws(GoalStoreFailure) -> [[PostgresValue]] {
    do {
      return try await database.run(tenant, [statement]).rows
    } catch {
      throw GoalStoreFailure("\(error)")
    }
  }
}
