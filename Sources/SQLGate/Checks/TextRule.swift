/// What is looked at before any parser sees the text.
enum TextRule {
  static let name = "text"

  static func refusal(of sql: String, under policy: GatePolicy) -> Refusal? {
    let bytes = sql.utf8.count
    guard bytes <= policy.maximumStatementBytes else {
      return .tooLong(bytes: bytes, limit: policy.maximumStatementBytes)
    }
    guard !sql.utf8.contains(0) else {
      return Refusal(.invalidText, "The statement holds a NUL character.", hint: "Leave it out.")
    }
    return nil
  }
}
