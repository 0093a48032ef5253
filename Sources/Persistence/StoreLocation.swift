public import PostgresKit

/// Where our own data is kept.
public enum StoreLocation: Hashable, Sendable, CustomStringConvertible {
  /// Nowhere: it goes with the process.
  case memory
  /// In a SQLite file.
  case file(String)
  /// On a PostgreSQL server, for any number of processes.
  case server(ServerStore)

  /// The file, or user, host and database of the server; never a password.
  public var description: String {
    switch self {
    case .memory: "memory"
    case .file(let path): path
    case .server(let server): "\(server.user)"
    }
  }

  /// Whether several processes may serve it at the same time.
  public var isShared: Bool { if case .server = self { true } else { false } }
}

/// A PostgreSQL server with our own data, and who works with it.
public struct ServerStore: Hashable, Sendable {
  /// The server, and the user who reads and writes rows and may not pass over row-level security.
  public var user: PostgresConfiguration
  /// The user who owns the tables and changes them; nil when that is the same one.
  public var owner: PostgresConfiguration?
  /// The most connections of this process, besides one that listens.
  public var connections: Int

  /// Names a server.
  public init(_ user: PostgresConfiguration, owner: PostgresConfiguration? = nil, connections: Int = 8) {
    self.user = user
    self.owner = owner
    self.connections = connections
  }
}
