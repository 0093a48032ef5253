/// How a database is opened.
public struct SQLiteConfiguration: Hashable, Sendable {
  /// What may be done with the file.
  public enum Mode: Hashable, Sendable {
    /// Reading only. A file in WAL mode also needs its folder writable, or its `-shm` file present.
    case readOnly
    /// Reading and writing, in WAL mode; `create` makes the file when it is missing.
    case readWrite(create: Bool)
  }

  /// When a commit counts as done.
  public enum Durability: String, Hashable, Sendable {
    /// A power cut may lose the last commits but never damages the file.
    case normal = "NORMAL"
    /// A commit survives a power cut; each one waits for the disk.
    case full = "FULL"
  }

  /// What may be done with the file.
  public var mode: Mode
  /// How long to wait for a lock that another connection holds before failing as busy.
  public var busyTimeout: Duration
  /// When a commit counts as done.
  public var durability: Durability
  /// Bounds on what a statement may ask for; `nil` leaves SQLite's own.
  public var limits: SQLiteLimits?

  /// Makes a configuration.
  public init(
    mode: Mode,
    busyTimeout: Duration = .seconds(5),
    durability: Durability = .normal,
    limits: SQLiteLimits? = nil
  ) {
    self.mode = mode
    self.busyTimeout = busyTimeout
    self.durability = durability
    self.limits = limits
  }

  /// For databases of our own: reads, writes and makes the file.
  public static let ours = SQLiteConfiguration(mode: .readWrite(create: true))

  /// For the user's data and for statements that nobody here wrote: reading only, with tight limits.
  public static let untrusted = SQLiteConfiguration(mode: .readOnly, limits: .untrusted)
}
