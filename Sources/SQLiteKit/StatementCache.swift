/// Prepared statements that are not in use, by their text; the one unused for longest makes room.
///
/// A statement is taken out while it runs, so that a query inside a query with the same text gets its own.
struct StatementCache {
  private struct Entry {
    let statement: Statement
    let lastUse: Int
  }

  let capacity: Int
  private var entries: [String: Entry] = [:]
  private var uses = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  mutating func take(_ sql: String) -> Statement? {
    entries.removeValue(forKey: sql)?.statement
  }

  mutating func put(_ statement: Statement) {
    if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      entries[oldest.key] = nil
    }
    uses += 1
    entries[statement.sql] = Entry(statement: statement, lastUse: uses)
  }
}
