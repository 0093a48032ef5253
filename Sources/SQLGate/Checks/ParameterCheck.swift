/// Lets through only statements with a value for each parameter.
struct ParameterCheck: SQLCheck {
  let name = "parameters"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    let wanted = statement.facts.parameterCount
    let given = statement.parameters.count
    if wanted == given { return nil }
    return Refusal(
      .parameterCount,
      "The statement has \(wanted) parameters, and \(given) values were given.",
      hint: given == 0 ? "Write the values into the statement." : "Write one ? for each value."
    )
  }
}
