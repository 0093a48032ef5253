/// A name with the place where it stands.
struct Reference: Hashable, Sendable {
  /// The parts between the dots; empty for `.`.
  let path: [String]
  let line: Int
  let column: Int

  var name: String { path.isEmpty ? "." : path.joined(separator: ".") }
}

/// What a template is made of.
enum Part: Hashable, Sendable {
  case text(String)
  case variable(Reference)
  case section(Reference, isInverted: Bool, [Part])
}
