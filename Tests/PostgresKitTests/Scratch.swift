import CoachTesting
import PostgresKit
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where the server's package is absent.
  static var needsPostgreSQL: Self {
    .enabled(if: TemporaryPostgreSQL.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence))
  }
}

/// A connection of the shared server's superuser.
func openConnection(
  _ change: (inout PostgresConfiguration) -> Void = { _ in }
) async throws -> PostgresConnection {
  var configuration = try await TemporaryPostgreSQL.shared().configuration
  change(&configuration)
  return try await PostgresConnection.open(configuration)
}

/// A pool of the owner of a new database.
func openPool(connections: Int = 4, waiting: Duration = .seconds(300)) async throws -> PostgresPool {
  let database = try await TemporaryPostgreSQL.shared().makeDatabase()
  return PostgresPool(database.owner, limits: PostgresPool.Limits(connections: connections, waiting: waiting))
}

/// The failure of a call that has to fail.
func failure<Value: Sendable>(of call: () async throws -> Value) async -> PostgresFailure? {
  do {
    _ = try await call()
    return nil
  } catch {
    return error as? PostgresFailure
  }
}

/// Passes the time between two looks at a condition without keeping a core busy.
func pause() async { try? await Task.sleep(for: .milliseconds(1)) }
