import SQLSyntax

/// Finds the names that a writer may have meant.
enum NearestNames {
  /// Up to three names that look like the given one, the likeliest first.
  static func nearest(to name: String, among names: [String]) -> [String] {
    let wanted = name.asciiLowercased
    let scored = names.compactMap { candidate in
      distance(from: wanted, to: candidate.asciiLowercased).map { (candidate, $0) }
    }
    return scored.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }

  /// Columns like the given one, as `relation.column`: those of the tables in the statement before those of others.
  static func columns(like name: String, in sql: String, under policy: GatePolicy) -> [String] {
    let wanted = name.split(separator: ".").last.map(String.init) ?? name
    let mentioned = Set(SQLToken.tokens(of: sql).filter(\.canBeName).map(\.text.asciiLowercased))
    let relations = policy.relations.map { (name: $0.name, columns: $0.columns.sorted()) }.sorted { $0.name < $1.name }
    let inside = relations.filter { mentioned.contains($0.name.asciiLowercased) }
    let outside = relations.filter { !mentioned.contains($0.name.asciiLowercased) }
    return Array([inside, outside].flatMap { columns(like: wanted, of: $0) }.prefix(4))
  }

  /// Columns like the given one: those of the sources before those of other relations.
  static func columns(like name: String, in sources: [BoundSource], under policy: GatePolicy) -> [String] {
    let inside = sources.compactMap { source in source.name.map { (name: $0, columns: source.columns) } }
    let known = Set(sources.compactMap { $0.relation?.name })
    let outside = policy.relations.filter { !known.contains($0.name) }.map { (name: $0.name, columns: $0.columns) }
    return Array([inside, outside.sorted { $0.name < $1.name }].flatMap { columns(like: name, of: $0) }.prefix(4))
  }

  private static func columns(like name: String, of relations: [(name: String, columns: [String])]) -> [String] {
    let near = Set(nearest(to: name, among: Set(relations.flatMap(\.columns)).sorted()))
    return relations.flatMap { relation in
      relation.columns.filter(near.contains).map { "\(relation.name).\($0)" }
    }
  }

  /// How far apart two names are, or nothing when they are no likeness of each other.
  private static func distance(from wanted: String, to candidate: String) -> Int? {
    guard !wanted.isEmpty, wanted.utf8.count <= 100 else { return nil }
    if candidate == wanted { return 0 }
    let edits = editDistance(Array(wanted.utf8), Array(candidate.utf8))
    if edits <= max(1, min(wanted.utf8.count, candidate.utf8.count) / 3) { return edits }
    let words = Set(wanted.split(separator: "_"))
    let sharesWord = candidate.split(separator: "_").contains { $0.utf8.count > 2 && words.contains($0) }
    return sharesWord ? 100 + edits : nil
  }

  /// The number of letters to add, drop or change (Levenshtein).
  private static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (line, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for (column, other) in second.enumerated() {
        let substituted = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
      }
    }
    return row[second.count]
  }
}
