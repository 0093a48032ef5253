/// Prepared statements by their text; of those not in use, the one unused for longest makes room.
///
/// A statement in use is not handed out again, so that a query inside a query with the same text gets its own.
struct StatementCache {
  let capacity: Int
  private var statements: [String: Statement] = [:]
  private var uses = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  mutating func take(_ sql: String) -> Statement? {
    guard let statement = statements[sql], !statement.isInUse else { return nil }
    statement.isInUse = true
    return statement
  }

  mutating func put(_ statement: Statement) {
    uses += 1
    statement.lastUse = uses
    statement.isInUse = false
    // Looking a long text up costs as much as running some statements, so what is kept is not looked up again.
    if statement.isKept || statements[statement.sql] != nil { return }
    if statements.count >= capacity { drop(statements.values.filter { !$0.isInUse }.min { $0.lastUse < $1.lastUse }) }
    statement.isKept = true
    statements[statement.sql] = statement
  }

  private mutating func drop(_ statement: Statement?) {
    guard let statement else { return }
    statement.isKept = false
    statements[statement.sql] = nil
  }
}
