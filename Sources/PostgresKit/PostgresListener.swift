/// One message of `NOTIFY`.
public struct PostgresNotification: Hashable, Sendable {
  /// The channel it came on.
  public var channel: String
  /// What it says; empty when it says nothing.
  public var payload: String

  /// Makes a notification.
  public init(channel: String, payload: String) {
    self.channel = channel
    self.payload = payload
  }
}

/// The notifications of some channels, over a connection of its own, for one reader.
///
/// The server keeps what is not read yet. When the connection breaks, reading throws, and what was sent until a new
/// listener is open is lost: look at the tables after opening, then listen.
public struct PostgresListener: AsyncSequence, Sendable {
  /// What is read.
  public typealias Element = PostgresNotification

  private let connection: PostgresConnection

  /// Connects and listens; notifications sent after this returns arrive.
  public init(_ configuration: PostgresConfiguration, channels: [String]) async throws(PostgresFailure) {
    connection = try await PostgresConnection.open(configuration)
    try await connection.pipeline(
      channels.map { PostgresStatement("LISTEN \(PostgresStatement.quoted($0))", isKept: false) }
    )
  }

  /// Starts reading.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection) }

  /// Ends the connection.
  public func close() async { await connection.close() }

  /// Reads the notifications one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let connection: PostgresConnection
    private var page: ArraySlice<PostgresNotification> = []

    fileprivate init(connection: PostgresConnection) { self.connection = connection }

    /// The next notification, or nil when the reader is cancelled.
    ///
    /// - Throws: `PostgresFailure` when the connection breaks.
    public mutating func next() async throws -> PostgresNotification? {
      do {
        while page.isEmpty { page = try await connection.notifications()[...] }
      } catch  where error.kind == .cancelled {
        return nil
      }
      return page.popFirst()
    }
  }
}
