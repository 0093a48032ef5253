import SQLSyntax

extension SQLDialect {
  /// The engine's name.
  var title: String { self == .sqlite ? "SQLite" : "PostgreSQL" }
}

extension Refusal {
  /// The same words for a table that is not there and for one that is hidden, so that nobody can tell.
  static func unreadable(_ reason: Reason, relation: String, under policy: GatePolicy, at offset: Int?) -> Refusal {
    let names = policy.relations.map(\.name).sorted()
    return Refusal(
      reason,
      "There is no table '\(relation)' to read.",
      hint: "Tables that may be read: \(names.joined(separator: ", ")).",
      suggestions: NearestNames.nearest(to: relation, among: names),
      offset: offset
    )
  }

  static func unreadable(_ relation: SQLRelation, under policy: GatePolicy) -> Refusal {
    .unreadable(
      policy.isForbidden(relation.path) ? .forbiddenRelation : .unknownRelation,
      relation: relation.path.joined(separator: "."),
      under: policy,
      at: relation.offset
    )
  }

  static func hiddenColumn(_ column: String, of relation: GateRelation, at offset: Int?) -> Refusal {
    Refusal(
      .forbiddenColumn,
      "The column '\(column)' of '\(relation.name)' may not be read.",
      hint: "Name the columns instead of *; those that may be read: \(relation.columns.joined(separator: ", ")).",
      suggestions: NearestNames.nearest(to: column, among: relation.columns),
      offset: offset
    )
  }

  /// A star, a whole row or names by place over a relation of which a part is hidden.
  static func hiddenStar(_ relation: GateRelation, at offset: Int) -> Refusal {
    Refusal(
      .forbiddenColumn,
      "Not all columns of '\(relation.name)' may be read.",
      hint: "Name the columns; those that may be read: \(relation.columns.joined(separator: ", ")).",
      offset: offset
    )
  }

  static func closed(_ relation: GateRelation, at offset: Int) -> Refusal {
    Refusal(
      .unavailable,
      "A row filter of '\(relation.name)' cannot be read.",
      hint: "Nothing is known to be wrong with the statement; correct the policy.",
      offset: offset
    )
  }

  static func noTenant(at offset: Int) -> Refusal {
    Refusal(
      .noTenant,
      "Nobody is named whose rows the statement may see.",
      hint: "Nothing is known to be wrong with the statement; name the tenant.",
      offset: offset
    )
  }

  static func recursion(at offset: Int?) -> Refusal {
    Refusal(
      .recursion,
      "A common table expression refers to itself without an end that can be seen.",
      hint:
        "End it with a condition on a counter such as WHERE n < 100, name it once, and join tables to it by equality.",
      offset: offset
    )
  }

  static func uncallable(_ reason: Reason, function: String, under policy: GatePolicy, at offset: Int?) -> Refusal {
    let near = NearestNames.nearest(to: function, among: policy.functions.sorted())
    let hint =
      near.isEmpty
      ? "Use \(policy.dialect.title)'s aggregate, window, date, text and number functions."
      : "Nearest: \(near.joined(separator: ", "))."
    return Refusal(
      reason,
      "The function '\(function)' may not be called.",
      hint: hint,
      suggestions: near,
      offset: offset
    )
  }

  static func tooComplex(_ message: String) -> Refusal {
    Refusal(.tooComplex, message, hint: "Nest less: use common table expressions side by side.")
  }

  static func tooLong(bytes: Int, limit: Int) -> Refusal {
    Refusal(.tooLong, "The statement has \(bytes) bytes; \(limit) are allowed.", hint: "Write it shorter.")
  }

  /// What the parser says about a text, in the words of the gate.
  init(_ fault: SyntaxFault, under policy: GatePolicy) {
    let select = "Write one \(policy.dialect.title) SELECT over the tables that may be read."
    let (reason, hint): (Reason, String) =
      switch fault.kind {
      case .empty: (.empty, select)
      case .multipleStatements: (.multipleStatements, select)
      case .notAQuestion: (.notASelect, select)
      case .grammar: (.syntax, select)
      case .notAllowed: (.forbiddenConstruct, "Write it another way: \(select)")
      case .tooDeep: (.tooComplex, "Nest less: use common table expressions.")
      case .tooLong: (.tooLong, "Write it shorter.")
      case .unavailable: (.unavailable, "Nothing is known to be wrong with the statement.")
      }
    self.init(reason, "The statement may not run: \(fault).", hint: hint, offset: fault.offset)
  }
}
