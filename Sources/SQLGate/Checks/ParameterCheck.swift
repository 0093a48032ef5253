/// Lets through only statements with a value for each parameter.
struct ParameterCheck: SQLCheck {
  let name = "parameters"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    let wanted = statement.facts.parameterCount
    let given = statement.parameters.count
    if wanted == given { return .pass }
    return .refuse(
      Refusal(
        .parameterCount,
        "The statement has \(wanted) parameters, and \(given) values were given.",
        hint: given == 0 ? "Write the values into the statement." : "Write one ? for each value."
      )
    )
  }
}
