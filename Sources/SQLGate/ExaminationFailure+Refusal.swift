extension ExaminationFailure {
  /// What to tell the writer; of all names only those of the policy are shown.
  func refusal(of sql: String, under policy: GatePolicy) -> Refusal {
    switch self {
    case .syntax(let message, let offset):
      let place = offset.map { " at byte \($0)" } ?? ""
      return Refusal(
        .syntax,
        "The statement cannot be read: \(message)\(place).",
        hint: "Write one \(policy.dialect.title) SELECT.",
        offset: offset
      )
    case .unknownRelation(let name):
      return .unreadable(.unknownRelation, relation: name, under: policy, at: nil)
    case .unknownColumn(let name):
      return unknownColumn(name, in: sql, under: policy)
    case .ambiguousColumn(let name):
      return Refusal(
        .ambiguousColumn,
        "Several tables of the statement have a column '\(name)'.",
        hint: "Put the table's name or alias before it."
      )
    case .unknownFunction(let name):
      return .uncallable(.unknownFunction, function: name, under: policy, at: nil)
    case .tooLong(let bytes, let limit):
      return .tooLong(bytes: bytes, limit: limit)
    case .unavailable(let message):
      return Refusal(
        .unavailable,
        "The database could not judge the statement: \(message).",
        hint: "Nothing is known to be wrong with the statement; see that the database can be read."
      )
    }
  }

  private func unknownColumn(_ name: String, in sql: String, under policy: GatePolicy) -> Refusal {
    let near = NearestNames.columns(like: name, in: sql, under: policy)
    let hint =
      near.isEmpty
      ? "Use only columns of the tables in the statement; texts stand in single quotes."
      : "Did you mean \(near.joined(separator: ", "))? Texts stand in single quotes."
    return Refusal(.unknownColumn, "There is no column '\(name)'.", hint: hint, suggestions: near)
  }
}
