/// The fields of one node of PostgreSQL's tree, each of which somebody has to ask for.
///
/// What nobody asks for is not understood, and ``end()`` refuses it: a construct of a newer grammar cannot slip through.
struct PostgresFields {
  private let tape: JSONTape
  private let type: String
  /// The entries of the keys that nobody has asked for yet; each value follows its key.
  private var keys: [Int]
  /// Where the node stands in the text.
  let offset: Int

  init(_ tape: JSONTape, _ index: Int, type: String) {
    self.tape = tape
    self.type = type
    var keys: [Int] = []
    var offset = 0
    tape.forEachKey(of: index) { key in
      if tape.matches(key, "location") {
        offset = max(0, tape.integer(key + 1) ?? 0)
      } else if !tape.matches(key, "stmt_location"), !tape.matches(key, "stmt_len") {
        keys.append(key)
      }
    }
    self.keys = keys
    self.offset = offset
  }

  /// The entry of a field.
  mutating func take(_ name: StaticString) -> Int? {
    guard let place = keys.firstIndex(where: { tape.matches($0, name) }) else { return nil }
    return keys.remove(at: place) + 1
  }

  /// The entries of a list.
  mutating func list(_ key: StaticString) -> [Int] { take(key).map { tape.children(of: $0) } ?? [] }

  mutating func text(_ key: StaticString) -> String? { take(key).map { tape.text($0) } }

  mutating func flag(_ key: StaticString) -> Bool { take(key).map { tape.isTrue($0) } ?? false }

  mutating func integer(_ key: StaticString) -> Int? { take(key).flatMap { tape.integer($0) } }

  /// Sees that every field was asked for.
  func end() throws(SyntaxFault) {
    guard let key = keys.first else { return }
    throw SyntaxFault(.notAllowed, "\(type) with \(tape.text(key)) is not supported", at: offset)
  }
}
