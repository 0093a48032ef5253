/// The names of the statements that the server has prepared, by their text; the one unused for longest makes room.
struct StatementNames {
  private struct Entry {
    let name: String
    var lastUse: Int
  }

  private let capacity: Int
  private var entries: [String: Entry] = [:]
  private var uses = 0
  private var made = 0

  init(capacity: Int) { self.capacity = capacity }

  /// The name of a prepared statement; nil when it has to be prepared.
  mutating func name(of sql: String) -> String? {
    guard entries[sql] != nil else { return nil }
    uses += 1
    entries[sql]?.lastUse = uses
    return entries[sql]?.name
  }

  /// A name that was never used on this connection.
  mutating func newName() -> String {
    made += 1
    return "coach_\(made)"
  }

  /// Notes that a statement was prepared.
  mutating func insert(_ sql: String, _ name: String) {
    uses += 1
    entries[sql] = Entry(name: name, lastUse: uses)
  }

  /// Forgets the statements that are too many, and gives their names.
  mutating func removeSurplus() -> [String] {
    guard entries.count > capacity else { return [] }
    let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(entries.count - capacity)
    for entry in oldest { entries[entry.key] = nil }
    return oldest.map(\.value.name)
  }

  /// Forgets all.
  mutating func removeAll() { entries = [:] }
}
