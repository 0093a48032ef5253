public import CoachVocabulary
public import FoundationEssentials
public import Questions
public import SQLGate
public import SemanticLayer
public import Warehouse

/// One company's data with all that is needed to answer questions on it.
public struct Domain: Sendable {
  /// What the data means.
  public let model: SemanticModel
  /// What things are called.
  public let lexicon: Lexicon
  /// Where the rows are.
  public let source: any DataSource
  /// The tables as they are, personal columns left out.
  public let schema: DatabaseSchema
  /// The values of indexed dimensions, for prompts.
  public let values: [String: [String]]
  private let gate: SQLGate
  /// The same rules, with room for all rows of a file or the leaves of a breakdown.
  private let wideGate: SQLGate
  private let newestFact: CivilDate?

  /// Opens a domain: checks the model against the live tables and reads the values people may name.
  ///
  /// - Parameters:
  ///   - model: the semantic model.
  ///   - source: the database.
  ///   - limits: what one query may take.
  ///   - diagnostics: gets every table, column and expression that the database does not have.
  /// - Returns: the domain, or nil when there was an error.
  /// - Throws: `WarehouseFailure` when the database cannot be read.
  public static func open(
    _ model: SemanticModel,
    source: any DataSource,
    limits: QueryLimits = QueryLimits(),
    reporting diagnostics: DiagnosticCollector
  ) async throws(WarehouseFailure) -> Domain? {
    let schema = try await source.schema()
    let before = diagnostics.diagnostics.count
    await SchemaCheck(model: model, schema: schema, source: source, diagnostics: diagnostics).run()
    guard !diagnostics.diagnostics.dropFirst(before).contains(where: { $0.severity == .error }) else { return nil }
    var values: [String: [String]] = [:]
    for dimension in model.dimensions where dimension.indexesValues {
      guard let dataset = model.dataset(dimension.dataset) else { continue }
      values[dimension.name] = try await source.distinctValues(
        table: dataset.table,
        column: dimension.column,
        limit: mostValues
      ).compactMap { $0.stringValue ?? $0.intValue.map(String.init) }
    }
    var newest: CivilDate?
    if model.calendar.asOf == .newestFact {
      for dataset in model.datasets {
        guard let time = dataset.time else { continue }
        let value = try await source.newestValue(table: dataset.table, column: time)
        guard let text = value.stringValue, let day = CivilDate(text) else { continue }
        newest = max(newest ?? day, day)
      }
    }
    return Domain(
      model: model,
      source: source,
      schema: schema,
      values: values,
      newestFact: newest,
      limits: limits
    )
  }

  private init(
    model: SemanticModel,
    source: any DataSource,
    schema: DatabaseSchema,
    values: [String: [String]],
    newestFact: CivilDate?,
    limits: QueryLimits
  ) {
    self.model = model
    self.source = source
    self.schema = schema
    self.values = values
    self.newestFact = newestFact
    lexicon = Lexicon(model: model, values: values)
    var policy = Self.policy(model: model, schema: schema, source: source, limits: limits)
    gate = SQLGate(policy: policy, examiner: source)
    policy.rowLimit = max(limits.rows, limits.exportRows, Self.analysisRows)
    policy.byteLimit *= max(1, policy.rowLimit / max(1, limits.rows))
    wideGate = SQLGate(policy: policy, examiner: source)
  }

  /// The most rows of a query whose result only an analysis reads.
  static let analysisRows = 100_000

  /// The most values of one dimension that questions can name.
  private static let mostValues = 5_000

  /// Only declared tables, without the columns of personal dimensions.
  private static func policy(
    model: SemanticModel,
    schema: DatabaseSchema,
    source: any DataSource,
    limits: QueryLimits
  ) -> GatePolicy {
    var relations: [String: GateRelation] = [:]
    for dataset in model.datasets {
      guard let table = schema.table(dataset.table) else { continue }
      let personal = model.personalColumns(of: dataset.table)
      let names = table.columns.map(\.name)
      let hidden = names.filter { personal.contains($0.lowercased()) }
      relations[table.name] = GateRelation(
        name: table.name,
        columns: names.filter { !hidden.contains($0) },
        hiddenColumns: Set(hidden),
        isComplete: hidden.isEmpty
      )
    }
    return GatePolicy(
      dialect: source.capabilities.dialect,
      usualSchema: source.capabilities.schema,
      relations: relations.values.sorted { $0.name < $1.name },
      rowLimit: limits.rows,
      timeLimit: limits.time
    )
  }

  /// What "today" means for this domain.
  public func asOf(now: Date) -> CivilDate {
    let today = CivilDate(dayNumber: Int((now.timeIntervalSince1970 / 86_400).rounded(.down)))
    return switch model.calendar.asOf {
    case .date(let day): day
    case .newestFact: newestFact ?? today
    case .now: today
    }
  }

  /// The compiler for a day.
  public func compiler(asOf: CivilDate) -> FrameCompiler {
    FrameCompiler(
      model: model,
      calendar: BusinessCalendar(
        asOf: asOf,
        weekStart: model.calendar.weekStart,
        fiscalStartMonth: model.calendar.fiscalStartMonth,
        dayFirst: model.calendar.dayFirst
      ),
      dialect: source.capabilities.engine == .postgres ? .postgres : .sqlite
    )
  }

  /// The question parser for a day.
  public func parser(asOf: CivilDate) -> QuestionParser {
    QuestionParser(lexicon: lexicon, compiler: compiler(asOf: asOf))
  }

  /// Lets the gate judge a statement.
  public func judge(_ sql: String, parameters: [JSONValue] = []) async -> GateDecision {
    await gate.decide(sql, parameters: parameters)
  }

  /// Runs a compiled frame through the gate and on the database.
  public func run(_ query: CompiledQuery) async throws(QueryFailure) -> ResultTable {
    try await run(query.sql, parameters: query.parameters)
  }

  /// Runs a statement that the gate lets pass.
  public func run(_ sql: String, parameters: [JSONValue]) async throws(QueryFailure) -> ResultTable {
    try await run(judge(sql, parameters: parameters))
  }

  /// Runs a statement for a file or an analysis, which may have more rows than a person is shown.
  public func read(_ sql: String, parameters: [JSONValue]) async throws(QueryFailure) -> ResultTable {
    try await run(wideGate.decide(sql, parameters: parameters))
  }

  private func run(_ decision: GateDecision) async throws(QueryFailure) -> ResultTable {
    switch decision.verdict {
    case .repairable(let refusal): throw .refused(refusal)
    case .forbidden(let refusal): throw .refused(refusal)
    case .pass(let gated):
      do throws(WarehouseFailure) {
        return try await source.run(gated)
      } catch {
        throw .warehouse(error)
      }
    }
  }
}

/// What one query on a company's data may take.
public struct QueryLimits: Hashable, Sendable {
  /// The most rows.
  public var rows: Int
  /// The longest time.
  public var time: Duration
  /// The most rows of a file that is made from an answer.
  public var exportRows: Int

  /// Makes limits.
  public init(rows: Int = 1_000, time: Duration = .seconds(10), exportRows: Int = 100_000) {
    self.rows = rows
    self.time = time
    self.exportRows = exportRows
  }
}

extension SemanticModel {
  /// The names of the metrics whose sums over groups give the total.
  var additiveMetrics: Set<String> { Set(metrics.filter(\.isAdditive).map(\.name)) }

  /// The columns of a table that hold personal data, in small letters, whichever dataset declares them.
  func personalColumns(of table: String) -> Set<String> {
    let datasets = Set(datasets.filter { $0.table.lowercased() == table.lowercased() }.map(\.name))
    return Set(dimensions.filter { $0.isPersonal && datasets.contains($0.dataset) }.map { $0.column.lowercased() })
  }
}

/// Why a statement gave no rows.
public enum QueryFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The gate did not let it pass.
  case refused(Refusal)
  /// The database could not run it.
  case warehouse(WarehouseFailure)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .warehouse(let failure): failure.description
    }
  }
}

/// Checks that everything a model names exists in the database.
private struct SchemaCheck {
  let model: SemanticModel
  let schema: DatabaseSchema
  let source: any DataSource
  let diagnostics: DiagnosticCollector

  func run() async {
    for dataset in model.datasets { check(dataset) }
    for relationship in model.relationships {
      check(relationship.fromColumn, of: relationship.fromDataset, at: relationship.position)
      check(relationship.toColumn, of: relationship.toDataset, at: relationship.position)
    }
    for dimension in model.dimensions { check(dimension.column, of: dimension.dataset, at: dimension.position) }
    for metric in model.metrics {
      for measure in metric.measures {
        if let expression = measure.expression { await check(expression, of: measure.dataset, at: metric.position) }
        if let filter = measure.filter { await check(filter, of: measure.dataset, at: metric.position) }
      }
    }
    for filter in model.filters { await check(filter.expression, of: filter.dataset, at: filter.position) }
  }

  private func check(_ dataset: Dataset) {
    guard schema.table(dataset.table) != nil else {
      let known = schema.tables.map(\.name).sorted().joined(separator: ", ")
      diagnostics.error(
        "the database has no table '\(dataset.table)'; its tables: \(known)",
        at: dataset.position
      )
      return
    }
    for column in [dataset.primaryKey, dataset.time, dataset.labelColumn].compactMap({ $0 }) {
      check(column, of: dataset.name, at: dataset.position)
    }
  }

  private func check(_ column: String, of dataset: String, at position: SourcePosition) {
    guard let name = model.dataset(dataset)?.table, let table = schema.table(name) else { return }
    guard !table.columns.contains(where: { $0.name.lowercased() == column.lowercased() }) else { return }
    let known = table.columns.map(\.name).joined(separator: ", ")
    diagnostics.error("table '\(name)' has no column '\(column)'; its columns: \(known)", at: position)
  }

  /// Lets the database itself read an expression, which finds what a list of columns cannot.
  private func check(_ expression: SQLExpression, of dataset: String, at position: SourcePosition) async {
    guard let table = model.dataset(dataset)?.table, schema.table(table) != nil else { return }
    let before = diagnostics.diagnostics.count
    for column in expression.columns { check(column, of: dataset, at: position) }
    guard diagnostics.diagnostics.count == before else { return }
    let statement =
      "SELECT \(expression.rendered(alias: dataset)) FROM \(SQLName.quoted(table)) AS \(SQLName.quoted(dataset))"
    do throws(ExaminationFailure) {
      _ = try await source.examine(statement)
    } catch {
      diagnostics.error("the database cannot read '\(expression.text)': \(error)", at: position)
    }
  }
}
