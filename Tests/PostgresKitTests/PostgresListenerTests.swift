import CoachTesting
import PostgresKit
import Testing

@Suite(.needsPostgreSQL) struct `A PostgreSQL listener` {
  @Test func `hears what is said on its channels, in order`() async throws {
    let sender = try await openConnection()
    let configuration = try await configuration()
    let listener = try await PostgresListener(configuration, channels: ["runs", "odd \"name"])
    try await sender.execute("SELECT pg_notify('runs', 'first')")
    try await sender.execute("SELECT pg_notify('others', 'not this')")
    try await sender.execute("SELECT pg_notify('odd \"name', $1)", ["é \" '"])
    var iterator = listener.makeAsyncIterator()
    #expect(try await iterator.next() == PostgresNotification(channel: "runs", payload: "first"))
    #expect(try await iterator.next() == PostgresNotification(channel: "odd \"name", payload: "é \" '"))
    await listener.close()
  }

  @Test func `ends when its reader is cancelled`() async throws {
    let listener = try await PostgresListener(try await configuration(), channels: ["runs_cancelled"])
    let task = Task {
      var count = 0
      for try await _ in listener { count += 1 }
      return count
    }
    task.cancel()
    #expect(try await task.value == 0)
  }

  @Test func `throws when the server ends its connection`() async throws {
    let killer = try await openConnection()
    var configuration = try await configuration()
    configuration.applicationName = "doomed-listener"
    let listener = try await PostgresListener(configuration, channels: ["runs"])
    let task = Task {
      for try await _ in listener {}
    }
    try await killer.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed-listener'"
    )
    #expect(await failure { try await task.value }?.kind == .connectionLost)
  }

  private func configuration() async throws -> PostgresConfiguration {
    try await TemporaryPostgreSQL.shared().configuration
  }
}
