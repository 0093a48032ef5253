public import CoachVocabulary
public import Goals
import SQLiteKit

/// Keeps goals in the metadata database.
public struct SQLiteGoalStore: GoalStore {
  let database: MetadataDatabase

  /// Keeps a goal; one of the same identifier is replaced.
  public func save(_ goal: Goal, of tenant: TenantID) async throws(GoalStoreFailure) {
    try await write(
      "INSERT OR REPLACE INTO goal (tenant, goal, domain, closed, body) VALUES (?, ?, ?, ?, ?)",
      [
        SQLiteValue(tenant), SQLiteValue(goal.id), SQLiteValue(goal.domain), SQLiteValue(goal.state.isClosed ? 1 : 0),
        SQLiteValue(try StoredGoals.text(goal)),
      ]
    )
  }

  /// A goal, or nil when there is none.
  public func goal(_ id: GoalID, of tenant: TenantID) async throws(GoalStoreFailure) -> Goal? {
    let goals: [Goal] = try await read(
      "SELECT body FROM goal WHERE tenant = ? AND goal = ?",
      [SQLiteValue(tenant), SQLiteValue(id)]
    )
    return goals.first
  }

  /// The newest goals of a domain, or of all.
  public func goals(
    of tenant: TenantID,
    domain: String?,
    openOnly: Bool,
    limit: Int
  ) async throws(GoalStoreFailure) -> [Goal] {
    try await read(
      """
      SELECT body FROM goal
      WHERE tenant = ? AND (? IS NULL OR domain = ?) AND closed <= ? ORDER BY goal DESC LIMIT ?
      """,
      [
        SQLiteValue(tenant), SQLiteValue(domain), SQLiteValue(domain), SQLiteValue(openOnly ? 0 : 1),
        SQLiteValue(max(0, limit)),
      ]
    )
  }

  /// Keeps a check-in; one of the same goal and day is replaced.
  public func save(_ checkIn: CheckIn, of tenant: TenantID) async throws(GoalStoreFailure) {
    try await write(
      "INSERT OR REPLACE INTO goal_check_in (tenant, goal, day, body) VALUES (?, ?, ?, ?)",
      [
        SQLiteValue(tenant), SQLiteValue(checkIn.goal), SQLiteValue(checkIn.day.description),
        SQLiteValue(try StoredGoals.text(checkIn)),
      ]
    )
  }

  /// The newest check-ins of a goal, oldest first.
  public func checkIns(
    of goal: GoalID,
    tenant: TenantID,
    last limit: Int
  ) async throws(GoalStoreFailure) -> [CheckIn] {
    try await read(
      "SELECT body FROM goal_check_in WHERE tenant = ? AND goal = ? ORDER BY day DESC LIMIT ?",
      [SQLiteValue(tenant), SQLiteValue(goal), SQLiteValue(max(0, limit))]
    ).reversed()
  }

  private func read<Value: Decodable>(
    _ statement: String,
    _ binds: [SQLiteValue]
  ) async throws(GoalStoreFailure) -> [Value] {
    do {
      let rows = try await database.reader.query(statement, binds).rows
      return try rows.map { try StoredGoals.value($0.first?.string) }
    } catch {
      throw GoalStoreFailure("\(error)")
    }
  }

  private func write(_ statement: String, _ binds: [SQLiteValue]) async throws(GoalStoreFailure) {
    do {
      try await database.writer.execute(statement, binds)
    } catch {
      throw GoalStoreFailure("\(error)")
    }
  }
}

/// Goals and check-ins as both databases keep them.
enum StoredGoals {
  static func text(_ value: some Encodable) throws(GoalStoreFailure) -> String {
    do {
      return JSONText.encode(try JSONValue(encoding: value))
    } catch {
      throw GoalStoreFailure("\(error)")
    }
  }

  static func value<Value: Decodable>(_ text: String?) throws -> Value {
    try JSONText.decode(text ?? "").decoded()
  }
}
