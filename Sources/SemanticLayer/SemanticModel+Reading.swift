public import CoachVocabulary

extension SemanticModel {
  /// Reads a domain file and checks every reference in it; gives nil when there was an error.
  ///
  /// - Parameters:
  ///   - tree: the file.
  ///   - diagnostics: gets every fault with its place, all at once.
  public init?(reading tree: DeclarationTree, reporting diagnostics: DiagnosticCollector) {
    let before = diagnostics.diagnostics.count
    var builder = DomainReader(tree, reporting: diagnostics)
    let model = builder.read()
    ModelCheck(model: model, diagnostics: diagnostics).run()
    guard !diagnostics.diagnostics.dropFirst(before).contains(where: { $0.severity == .error }) else { return nil }
    self = model
  }
}

/// Reads the members of a domain file one section after the other.
private struct DomainReader {
  let reader: DeclarationReader
  let diagnostics: DiagnosticCollector
  var metricTrees: [String: DeclarationTree] = [:]

  init(_ tree: DeclarationTree, reporting diagnostics: DiagnosticCollector) {
    reader = DeclarationReader(tree, as: "the domain", reporting: diagnostics)
    self.diagnostics = diagnostics
  }

  mutating func read() -> SemanticModel {
    let name = reader.requiredString("domain") ?? ""
    let model = SemanticModel(
      name: name,
      description: reader.string("description") ?? "",
      currency: reader.string("currency"),
      database: readDatabase(defaultPath: "\(name).sqlite"),
      calendar: readCalendar(),
      datasets: reader.list("datasets").compactMap(readDataset),
      relationships: reader.list("relationships").compactMap(readRelationship),
      dimensions: reader.list("dimensions").compactMap(readDimension),
      metrics: readMetrics(),
      filters: reader.list("filters").compactMap(readFilter),
      causes: reader.list("causes").compactMap(CausesReader(diagnostics: diagnostics).causes),
      events: reader.list("events").compactMap(CausesReader(diagnostics: diagnostics).event),
      language: readLanguage()
    )
    reader.finish()
    return model
  }

  private func readDatabase(defaultPath: String) -> DatabaseLocation {
    guard let section = reader.reader("database", as: "the database") else {
      return DatabaseLocation(engine: .sqlite, path: defaultPath, position: reader.position)
    }
    defer { section.finish() }
    var location = DatabaseLocation(
      engine: section.choice("engine", of: DatabaseLocation.Engine.self) ?? .sqlite,
      path: section.string("path") ?? defaultPath,
      position: section.position(of: "path")
    )
    location.address = section.string("address")
    location.addressVariable = section.string("address_env")
    location.schema = section.string("schema")
    location.tenantSetting = section.string("tenant_setting")
    location.tenant = section.string("tenant")
    let isServer = location.engine == .postgres
    if isServer, location.address == nil, location.addressVariable == nil {
      diagnostics.error("a server needs 'address' or 'address_env'", at: section.position(of: "engine"))
    }
    for key in ["address", "address_env", "schema", "tenant_setting", "tenant"]
    where !isServer && section.tree(key) != nil {
      diagnostics.error("'\(key)' belongs to the engine postgres", at: section.position(of: key))
    }
    if (location.tenantSetting == nil) != (location.tenant == nil) {
      diagnostics.error("'tenant_setting' and 'tenant' belong together", at: section.position(of: "engine"))
    }
    return location
  }

  private func readCalendar() -> CalendarSettings {
    var settings = CalendarSettings(asOf: .now, weekStart: 1, fiscalStartMonth: 1)
    guard let section = reader.reader("calendar", as: "the calendar") else { return settings }
    defer { section.finish() }
    switch section.string("as_of") {
    case nil, "now": break
    case "data": settings.asOf = .newestFact
    case .some(let text):
      if let date = CivilDate(text) {
        settings.asOf = .date(date)
      } else {
        diagnostics.error(
          "'as_of' must be a date (YYYY-MM-DD), 'data' or 'now', not '\(text)'",
          at: section.position(of: "as_of")
        )
      }
    }
    if let day = section.choice("week_start", of: Weekday.self) { settings.weekStart = day.number }
    if let month = section.int("fiscal_start_month", in: 1...12) { settings.fiscalStartMonth = month }
    settings.dayFirst = section.bool("day_first") ?? false
    return settings
  }

  private func readDataset(_ tree: DeclarationTree) -> Dataset? {
    let section = DeclarationReader(tree, as: "the dataset", reporting: diagnostics)
    defer { section.finish() }
    let name = section.requiredString("name")
    let semiAdditive = section.reader("semi_additive", as: "the semi-additive rule")
    var rule: Dataset.SemiAdditive?
    if let semiAdditive {
      rule = semiAdditive.choice("take", of: Dataset.SemiAdditive.self) ?? .last
      let over = semiAdditive.string("over")
      if let over, over != section.string("time") {
        diagnostics.error(
          "'over' must be the dataset's time column '\(section.string("time") ?? "")', not '\(over)'",
          at: semiAdditive.position(of: "over")
        )
      }
      semiAdditive.finish()
    }
    let dataset = Dataset(
      name: name ?? "",
      table: section.string("table") ?? name ?? "",
      primaryKey: section.string("primary_key"),
      time: section.string("time"),
      label: section.string("label") ?? Self.words(name ?? ""),
      labelColumn: section.string("label_column"),
      semiAdditive: rule,
      synonyms: section.strings("synonyms"),
      position: tree.position
    )
    return name == nil ? nil : dataset
  }

  private func readRelationship(_ tree: DeclarationTree) -> Relationship? {
    let section = DeclarationReader(tree, as: "the relationship", reporting: diagnostics)
    defer { section.finish() }
    // Both are read before either is missed, so that the second is no unknown key.
    let ends = (from: qualified(section, "from"), to: qualified(section, "to"))
    guard let from = ends.from, let to = ends.to else { return nil }
    return Relationship(
      fromDataset: from.0,
      fromColumn: from.1,
      toDataset: to.0,
      toColumn: to.1,
      position: tree.position
    )
  }

  /// Reads `dataset.column`.
  private func qualified(_ section: DeclarationReader, _ key: String) -> (String, String)? {
    guard let text = section.requiredString(key) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      diagnostics.error("'\(key)' must be dataset.column, not '\(text)'", at: section.position(of: key))
      return nil
    }
    return (String(parts[0]), String(parts[1]))
  }

  private func readDimension(_ tree: DeclarationTree) -> Dimension? {
    let section = DeclarationReader(tree, as: "the dimension", reporting: diagnostics)
    defer { section.finish() }
    let name = section.requiredString("name")
    let place = qualified(section, "expr")
    var aliases: [String: [String]] = [:]
    for member in section.mapping("values") {
      switch member.value.content {
      case .scalar(_, let text): aliases[member.key] = [text]
      case .list(let items):
        aliases[member.key] = items.compactMap { item in
          if case .scalar(_, text: let text) = item.content { return text }
          diagnostics.error("an alias must be text, not \(item.kindName)", at: item.position)
          return nil
        }
      case .mapping:
        diagnostics.error("the aliases of '\(member.key)' must be a list of texts", at: member.value.position)
      }
    }
    let isPersonal = section.bool("pii") ?? false
    let kind = section.choice("kind", of: Dimension.Kind.self) ?? .categorical
    let dimension = Dimension(
      name: name ?? "",
      dataset: place?.0 ?? "",
      column: place?.1 ?? "",
      kind: kind,
      label: section.string("label") ?? Self.words(name ?? ""),
      synonyms: section.strings("synonyms"),
      aliases: aliases,
      indexesValues: (section.bool("index_values") ?? (kind != .time)) && !isPersonal,
      isPersonal: isPersonal,
      position: tree.position
    )
    return name == nil || place == nil ? nil : dimension
  }

  private mutating func readMetrics() -> [Metric] {
    let trees = reader.list("metrics")
    for tree in trees {
      if case .mapping(let members) = tree.content,
        case .scalar(_, text: let name)? = members.first(where: { $0.key == "name" })?.value.content
      {
        metricTrees[name] = tree
      }
    }
    return trees.compactMap(readMetric)
  }

  private func readMetric(_ tree: DeclarationTree) -> Metric? {
    let section = DeclarationReader(tree, as: "the metric", reporting: diagnostics)
    defer { section.finish() }
    let name = section.requiredString("name")
    let formula = readFormula(section, path: [name ?? ""])
    let unit = section.string("unit")
    let format = section.choice("format", of: Metric.Format.self) ?? Self.format(forUnit: unit)
    let filterText = section.string("filter")
    let metric = Metric(
      name: name ?? "",
      label: section.string("label") ?? Self.sentence(name ?? ""),
      formula: formula ?? .simple(SimpleMeasure(dataset: "", aggregate: .count)),
      unit: unit,
      format: format,
      good: section.choice("good", of: Metric.Direction.self),
      synonyms: section.strings("synonyms"),
      filterNote: section.string("filter_note") ?? filterText,
      position: tree.position
    )
    return name == nil || formula == nil ? nil : metric
  }

  private func readFormula(_ section: DeclarationReader, path: [String]) -> Metric.Formula? {
    if section.tree("numerator") != nil || section.tree("denominator") != nil {
      let parts = (top: readPart(section, "numerator", path: path), low: readPart(section, "denominator", path: path))
      let scale = section.double("scale") ?? 1
      guard let numerator = parts.top, let denominator = parts.low else { return nil }
      return .ratio(numerator: numerator, denominator: denominator, scale: scale)
    }
    return readMeasure(section).map(Metric.Formula.simple)
  }

  /// A part of a ratio: the name of a metric or a measure written in place.
  private func readPart(_ section: DeclarationReader, _ key: String, path: [String]) -> Metric.Formula? {
    guard let tree = section.requiredTree(key) else { return nil }
    guard case .scalar(_, text: let name) = tree.content else {
      let part = DeclarationReader(tree, as: "the \(key)", reporting: diagnostics)
      defer { part.finish() }
      return readFormula(part, path: path)
    }
    guard !path.contains(name) else {
      diagnostics.error(
        "metric '\(name)' is defined by itself: \((path + [name]).joined(separator: " → "))",
        at: tree.position
      )
      return nil
    }
    guard let target = metricTrees[name] else {
      diagnostics.error(
        "'\(key)' names no metric '\(name)'; known metrics: \(metricTrees.keys.sorted().joined(separator: ", "))",
        at: tree.position
      )
      return nil
    }
    // The other metric reports its own faults where it stands, so they are dropped here.
    let silent = DeclarationReader(target, as: "metric '\(name)'", reporting: DiagnosticCollector())
    return readFormula(silent, path: path + [name])
  }

  private func readMeasure(_ section: DeclarationReader) -> SimpleMeasure? {
    let dataset = section.requiredString("dataset")
    let aggregate =
      section.requiredTree("aggregate") == nil
      ? nil : section.choice("aggregate", of: SimpleMeasure.Aggregate.self)
    let expression = readExpression(section, "expr", dataset: dataset ?? "")
    let filter = readExpression(section, "filter", dataset: dataset ?? "")
    let percentile = aggregate == .percentile ? section.int("percentile", in: 1...99) ?? 50 : nil
    guard let dataset, let aggregate else { return nil }
    if expression == nil, aggregate != .count {
      if section.tree("expr") == nil {
        section.diagnostics.error(
          "aggregate '\(aggregate.rawValue)' needs 'expr', the column to aggregate",
          at: section.position
        )
      }
      return nil
    }
    return SimpleMeasure(
      dataset: dataset,
      aggregate: aggregate,
      expression: expression,
      filter: filter,
      percentile: aggregate == .median ? 50 : percentile
    )
  }

  private func readExpression(_ section: DeclarationReader, _ key: String, dataset: String) -> SQLExpression? {
    guard let text = section.string(key) else { return nil }
    do throws(SQLExpression.Failure) {
      return try SQLExpression(text, dataset: dataset)
    } catch {
      section.diagnostics.error("'\(key)': \(error.message)", at: section.position(of: key))
      return nil
    }
  }

  private func readFilter(_ tree: DeclarationTree) -> NamedFilter? {
    let section = DeclarationReader(tree, as: "the filter", reporting: diagnostics)
    defer { section.finish() }
    let label = section.string("label")
    let synonyms = section.strings("synonyms")
    guard let name = section.requiredString("name"), let dataset = section.requiredString("dataset"),
      section.requiredTree("expr") != nil, let expression = readExpression(section, "expr", dataset: dataset)
    else { return nil }
    return NamedFilter(
      name: name,
      dataset: dataset,
      expression: expression,
      label: label ?? Self.words(name),
      synonyms: synonyms,
      position: tree.position
    )
  }

  private func readLanguage() -> LanguageSettings {
    var language = LanguageSettings()
    guard let section = reader.reader("language", as: "the language section") else { return language }
    defer { section.finish() }
    language.starters = section.strings("starters")
    for member in section.mapping("defaults") {
      if case .scalar(_, text: let target) = member.value.content { language.defaults[member.key] = target }
    }
    language.clarifications = section.list("clarify").compactMap { tree in
      let entry = DeclarationReader(tree, as: "the clarification", reporting: diagnostics)
      defer { entry.finish() }
      let options = entry.strings("options")
      guard let word = entry.requiredString("word") else { return nil }
      return LanguageSettings.Clarification(word: word, options: options)
    }
    language.unavailable = section.list("unavailable").compactMap { tree in
      let entry = DeclarationReader(tree, as: "the unavailable topic", reporting: diagnostics)
      defer { entry.finish() }
      let words = entry.strings("words")
      let say = entry.string("say")
      guard let topic = entry.requiredString("topic") else { return nil }
      return LanguageSettings.UnavailableTopic(
        topic: topic,
        words: words,
        say: say ?? "There is no data about \(topic) here."
      )
    }
    return language
  }

  private static func format(forUnit unit: String?) -> Metric.Format {
    switch unit {
    case "percent", "%": .percent
    case .some(let unit) where unit.count == 3 && unit.allSatisfy { $0.isASCII && $0.isUppercase }: .currency
    default: .number
    }
  }

  private static func words(_ name: String) -> String {
    String(name.map { $0 == "_" ? " " : $0 })
  }

  private static func sentence(_ name: String) -> String {
    let text = words(name)
    return text.prefix(1).uppercased() + text.dropFirst()
  }
}

/// The days of the week by name.
private enum Weekday: String, CaseIterable {
  case monday
  case tuesday
  case wednesday
  case thursday
  case friday
  case saturday
  case sunday

  var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
}

/// Checks that every name in a model names something.
private struct ModelCheck {
  let model: SemanticModel
  let diagnostics: DiagnosticCollector

  func run() {
    unique(model.datasets.map { ($0.name, $0.position) }, "dataset")
    unique(
      model.metrics.map { ($0.name, $0.position) } + model.dimensions.map { ($0.name, $0.position) }
        + model.filters.map { ($0.name, $0.position) },
      "metric, dimension or filter"
    )
    for relationship in model.relationships {
      known(dataset: relationship.fromDataset, relationship.position)
      known(dataset: relationship.toDataset, relationship.position)
    }
    for dimension in model.dimensions { known(dataset: dimension.dataset, dimension.position) }
    for filter in model.filters { known(dataset: filter.dataset, filter.position) }
    for metric in model.metrics {
      for measure in metric.measures { known(dataset: measure.dataset, metric.position) }
    }
    // Metrics that could not be read have been reported where they stand.
    if model.metrics.isEmpty, !diagnostics.hasErrors {
      diagnostics.error("the domain declares no metric", at: model.database.position)
    }
    checkLanguage()
    CausesCheck(model: model, diagnostics: diagnostics).run()
  }

  private func checkLanguage() {
    let members = Set(model.metrics.map(\.name) + model.dimensions.map(\.name))
    for (word, target) in model.language.defaults.sorted(by: { $0.key < $1.key }) where !members.contains(target) {
      diagnostics.error("default '\(word)' names no metric or dimension '\(target)'", at: model.database.position)
    }
    for entry in model.language.clarifications {
      for option in entry.options where !members.contains(option) {
        diagnostics.error(
          "clarification of '\(entry.word)' names no metric or dimension '\(option)'",
          at: model.database.position
        )
      }
    }
  }

  private func unique(_ names: [(String, SourcePosition)], _ what: String) {
    var seen: [String: SourcePosition] = [:]
    for (name, position) in names {
      if let first = seen[name] {
        diagnostics.error("there is already a \(what) '\(name)' at \(first)", at: position)
      } else {
        seen[name] = position
      }
    }
  }

  private func known(dataset: String, _ position: SourcePosition) {
    guard model.dataset(dataset) == nil else { return }
    let names = model.datasets.map(\.name).joined(separator: ", ")
    diagnostics.error("there is no dataset '\(dataset)'; known datasets: \(names)", at: position)
  }
}
