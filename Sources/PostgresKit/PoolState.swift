/// Who has which connection of a pool and who waits, without doing anything itself.
///
/// A place is a connection that is open, being opened or in somebody's hands. Each place that comes free goes to the one
/// who has waited longest.
struct PoolState<Connection, Waiter> {
  /// What somebody who came for a connection does next.
  enum Entry {
    /// Use this one, unless it is dead.
    case use(Connection)
    /// Open one; the place is reserved.
    case open
    /// Wait to be told.
    case wait
    /// Go away.
    case closed
  }

  /// What becomes of a place that came free.
  enum Release {
    /// The connection rests in the pool, or the place is empty.
    case kept
    /// Tell this one.
    case hand(to: Waiter)
    /// Close the connection, as the pool is closed.
    case close
  }

  private let size: Int
  private(set) var places = 0
  private var idle: [Connection] = []
  private var waiting: [(id: Int, waiter: Waiter)] = []
  private var lastID = 0
  private(set) var isClosed = false

  init(size: Int) { self.size = max(1, size) }

  /// How many wait.
  var waiterCount: Int { waiting.count }
  /// How many connections rest.
  var idleCount: Int { idle.count }

  /// Takes the connection that was used last, or a free place.
  mutating func enter() -> Entry {
    if isClosed { return .closed }
    if let connection = idle.popLast() { return .use(connection) }
    guard places < size else { return .wait }
    places += 1
    return .open
  }

  /// A number for somebody who is about to wait.
  mutating func newID() -> Int {
    lastID += 1
    return lastID
  }

  /// Puts somebody at the end of the line; what came free since they entered is theirs at once.
  mutating func wait(_ id: Int, _ waiter: Waiter) -> Entry {
    let entry = enter()
    if case .wait = entry { waiting.append((id, waiter)) }
    return entry
  }

  /// Takes somebody out of the line; nil when they are not in it any more.
  mutating func leave(_ id: Int) -> Waiter? {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
    return waiting.remove(at: index).waiter
  }

  /// Takes a usable connection back.
  mutating func release(_ connection: Connection) -> Release {
    if isClosed {
      places -= 1
      return .close
    }
    if waiting.isEmpty {
      idle.append(connection)
      return .kept
    }
    return .hand(to: waiting.removeFirst().waiter)
  }

  /// Notes that the connection of a place is gone, or could not be opened.
  mutating func vacate() -> Release {
    guard !isClosed, !waiting.isEmpty else {
      places -= 1
      return .kept
    }
    return .hand(to: waiting.removeFirst().waiter)
  }

  /// Lets nobody in any more, and gives those who rest and those who wait.
  mutating func close() -> (idle: [Connection], waiting: [Waiter]) {
    isClosed = true
    defer {
      places -= idle.count
      idle = []
      waiting = []
    }
    return (idle, waiting.map(\.waiter))
  }
}
