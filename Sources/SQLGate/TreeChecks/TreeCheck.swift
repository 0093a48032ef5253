import SQLSyntax

/// One rule of the gate about the tree of a statement, before names are looked up.
protocol TreeCheck: Sendable {
  /// The name by which the audit knows it.
  var name: String { get }

  /// Refuses what the rule does not allow.
  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal)
}
