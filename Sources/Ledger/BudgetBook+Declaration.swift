public import CoachVocabulary

extension BudgetBook {
  /// Reads `config/budgets.yaml`; every fault is reported and what is sound is kept.
  ///
  /// - Parameters:
  ///   - tree: the file.
  ///   - diagnostics: where faults go.
  public init(reading tree: DeclarationTree, diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "budgets", reporting: diagnostics)
    self.init()
    if let name = reader.string("time_zone") {
      do throws(ScheduleZone.Failure) {
        zone = try ScheduleZone(named: name)
      } catch {
        diagnostics.error(error.description, at: reader.position(of: "time_zone"))
      }
    }
    for item in reader.list("budgets") {
      guard let budget = Budget(reading: item, diagnostics: diagnostics) else { continue }
      if budgets.contains(where: { $0.name == budget.name }) {
        diagnostics.error("budget '\(budget.name)' is declared twice; rename one of them", at: item.position)
      } else {
        budgets.append(budget)
      }
    }
    reader.finish()
  }
}

extension Budget {
  fileprivate init?(reading tree: DeclarationTree, diagnostics: DiagnosticCollector) {
    let reader = DeclarationReader(tree, as: "budget", reporting: diagnostics)
    defer { reader.finish() }
    let name = reader.requiredString("name")
    let scope = reader.requiredTree("scope").flatMap { _ in reader.choice("scope", of: BudgetScope.self) }
    let window = reader.requiredTree("window").flatMap { _ in reader.choice("window", of: BudgetWindow.self) }
    let most = reader.requiredTree("limit").flatMap { _ in reader.amount("limit", meaning: "dollars such as \"25\"") }
    let enforcement = reader.choice("enforcement", of: SpendingCap.Enforcement.self) ?? .hard
    let only = reader.string("only")
    if only != nil, scope == .tenant {
      diagnostics.error("'only' needs the scope user, session or agent", at: reader.position(of: "only"))
    }
    guard let name, let scope, let window, let most else { return nil }
    self.init(name: name, scope: scope, only: only, window: window, most: most, enforcement: enforcement)
  }
}
