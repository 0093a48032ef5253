/// The fields of one node of PostgreSQL's tree, each of which somebody has to ask for.
///
/// What nobody asks for is not understood, and ``end()`` refuses it: a construct of a newer grammar cannot slip through.
struct PostgresFields {
  private let tape: JSONTape
  private let type: String
  private var fields: [(key: String, value: Int)] = []
  /// Where the node stands in the text.
  let offset: Int

  /// Fields that say nothing about what the statement does.
  private static let silent: Set<String> = ["location", "stmt_location", "stmt_len"]

  init(_ tape: JSONTape, _ index: Int, type: String) {
    self.tape = tape
    self.type = type
    var offset = 0
    let children = tape.children(of: index)
    for place in stride(from: 0, to: children.count - 1, by: 2) {
      let key = tape.text(children[place])
      if key == "location" { offset = max(0, tape.integer(children[place + 1]) ?? 0) }
      if !Self.silent.contains(key) { fields.append((key, children[place + 1])) }
    }
    self.offset = offset
  }

  /// The entry of a field.
  mutating func take(_ key: String) -> Int? {
    guard let place = fields.firstIndex(where: { $0.key == key }) else { return nil }
    return fields.remove(at: place).value
  }

  /// The entries of a list.
  mutating func list(_ key: String) -> [Int] { take(key).map { tape.children(of: $0) } ?? [] }

  mutating func text(_ key: String) -> String? { take(key).map { tape.text($0) } }

  mutating func flag(_ key: String) -> Bool { take(key).map { tape.isTrue($0) } ?? false }

  mutating func integer(_ key: String) -> Int? { take(key).flatMap { tape.integer($0) } }

  /// Sees that a field has the one value that is understood, or is not there.
  mutating func require(_ key: String, _ value: String) throws(SyntaxFault) {
    guard let found = text(key), found != value else { return }
    throw SyntaxFault(.notAllowed, "\(type) with \(key) \(found) is not supported", at: offset)
  }

  /// Sees that every field was asked for.
  func end() throws(SyntaxFault) {
    guard let field = fields.first else { return }
    throw SyntaxFault(.notAllowed, "\(type) with \(field.key) is not supported", at: offset)
  }
}
