public import CoachVocabulary

/// What a company's data means: where facts are stored, how they join, and what people call them.
///
/// Every name in it has been checked: a model made by ``init(reading:reporting:)`` has no dangling reference.
public struct SemanticModel: Hashable, Sendable {
  /// The domain's name, equal to its file's stem.
  public var name: String
  /// One sentence for people.
  public var description: String
  /// ISO 4217 code of money without a unit of its own.
  public var currency: String?
  /// Where the data is.
  public var database: DatabaseLocation
  /// How the company counts time.
  public var calendar: CalendarSettings
  /// The tables, in the order of the file.
  public var datasets: [Dataset]
  /// Many-to-one joins.
  public var relationships: [Relationship]
  /// What facts can be grouped and filtered by.
  public var dimensions: [Dimension]
  /// What can be measured.
  public var metrics: [Metric]
  /// Conditions with a name.
  public var filters: [NamedFilter]
  /// How metrics split and what is related to them.
  public var causes: [MetricCauses]
  /// What is known to have happened, or to come.
  public var events: [KnownEvent]
  /// Words that are no names of anything but matter in questions.
  public var language: LanguageSettings

  /// The dataset of a name.
  public func dataset(_ name: String) -> Dataset? { datasets.first { $0.name == name } }
  /// The dimension of a name.
  public func dimension(_ name: String) -> Dimension? { dimensions.first { $0.name == name } }
  /// The metric of a name.
  public func metric(_ name: String) -> Metric? { metrics.first { $0.name == name } }
  /// The named filter of a name.
  public func filter(_ name: String) -> NamedFilter? { filters.first { $0.name == name } }
}

/// The database a domain reads.
public struct DatabaseLocation: Hashable, Sendable {
  /// The kinds of database that can be read.
  public enum Engine: String, CaseIterable, Hashable, Sendable {
    /// An SQLite file.
    case sqlite
    /// A schema of a PostgreSQL database.
    case postgres
    /// A folder of CSV files, one for each table.
    case csv
  }

  /// What kind it is.
  public var engine: Engine
  /// The file or folder, relative to the data folder; of no use for a server.
  public var path: String
  /// The server's address, without a password; nil for a file, or when only the environment tells it.
  public var address: String?
  /// The environment variable with the server's address, which goes before ``address``.
  public var addressVariable: String?
  /// The schema with the tables; nil for the server's usual one.
  public var schema: String?
  /// The setting of the server by which its row-level security knows the tenant; nil for none.
  public var tenantSetting: String?
  /// The value of that setting.
  public var tenant: String?
  /// Where the file is named.
  public var position: SourcePosition

  /// Names a database.
  public init(engine: Engine, path: String, position: SourcePosition) {
    self.engine = engine
    self.path = path
    self.position = position
  }
}

/// How a company counts time.
public struct CalendarSettings: Hashable, Sendable {
  /// What "today" means for the data.
  public enum AsOf: Hashable, Sendable {
    /// A fixed day.
    case date(CivilDate)
    /// The newest day on which a fact exists.
    case newestFact
    /// The day of the asking clock.
    case now
  }

  /// What "today" means.
  public var asOf: AsOf
  /// First day of the week, 1 for Monday to 7 for Sunday.
  public var weekStart: Int
  /// First month of the fiscal year, 1 to 12.
  public var fiscalStartMonth: Int
  /// Whether 5/6/2025 is 5 June instead of 6 May.
  public var dayFirst = false
}

/// One table or view of the database.
public struct Dataset: Hashable, Sendable {
  /// How balances are taken over time.
  public enum SemiAdditive: String, CaseIterable, Hashable, Sendable {
    /// The last snapshot of the period.
    case last
    /// The first snapshot of the period.
    case first
    /// The mean over the snapshots of the period.
    case average
  }

  /// Its name in the model.
  public var name: String
  /// The table or view.
  public var table: String
  /// The column that is unique, when declared.
  public var primaryKey: String?
  /// The column that says when a fact happened.
  public var time: String?
  /// What people call it.
  public var label: String
  /// The column whose text names a row to people.
  public var labelColumn: String?
  /// How its measures behave over time; nil when they simply add up.
  public var semiAdditive: SemiAdditive?
  /// Other words for its rows.
  public var synonyms: [String]
  /// Where it is declared.
  public var position: SourcePosition
}

/// A many-to-one join.
public struct Relationship: Hashable, Sendable {
  /// The dataset with many rows.
  public var fromDataset: String
  /// Its column.
  public var fromColumn: String
  /// The dataset with one row.
  public var toDataset: String
  /// Its column.
  public var toColumn: String
  /// Where it is declared.
  public var position: SourcePosition
}

/// Something facts are grouped or filtered by.
public struct Dimension: Hashable, Sendable {
  /// What its values are like.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// Names from a list.
    case categorical
    /// Dates.
    case time
    /// Places.
    case geo
    /// Yes or no.
    case boolean
    /// Codes that name one thing each.
    case identifier
  }

  /// Its name in the model and in frames.
  public var name: String
  /// The dataset that holds the column.
  public var dataset: String
  /// The column.
  public var column: String
  /// What its values are like.
  public var kind: Kind
  /// What people read.
  public var label: String
  /// Other words for it.
  public var synonyms: [String]
  /// Other words for its values, by the value as stored.
  public var aliases: [String: [String]]
  /// Whether its values may be found in questions.
  public var indexesValues: Bool
  /// Whether its values are personal data, which is never indexed or shown to a model.
  public var isPersonal: Bool
  /// Where it is declared.
  public var position: SourcePosition
}

/// An aggregate over one dataset.
public struct SimpleMeasure: Hashable, Sendable {
  /// How rows become one number.
  public enum Aggregate: String, CaseIterable, Hashable, Sendable {
    /// The sum of the expression.
    case sum
    /// The number of rows, or of rows where the expression is not null.
    case count
    /// The number of different values of the expression.
    case countDistinct = "count_distinct"
    /// The mean of the expression.
    case average
    /// The smallest value of the expression.
    case min
    /// The largest value of the expression.
    case max
    /// The value in the middle of all values of the expression.
    case median
    /// The value below which a given percentage of all values lies.
    case percentile
  }

  /// Where the rows are.
  public var dataset: String
  /// How they become one number.
  public var aggregate: Aggregate
  /// What is aggregated; nil for a count of rows.
  public var expression: SQLExpression?
  /// Which rows count; nil for all.
  public var filter: SQLExpression?
  /// The percentage of a percentile, 1 to 99; 50 for a median, nil for every other aggregate.
  public var percentile: Int?
}

/// A number people ask for.
public struct Metric: Hashable, Sendable {
  /// How it is computed.
  public indirect enum Formula: Hashable, Sendable {
    /// One aggregate.
    case simple(SimpleMeasure)
    /// Sum over sum, never a mean of ratios; `scale` 100 gives percent.
    case ratio(numerator: Formula, denominator: Formula, scale: Double)
  }

  /// How its values are shown.
  public enum Format: String, CaseIterable, Hashable, Sendable {
    /// Money.
    case currency
    /// A plain number.
    case number
    /// Percent points.
    case percent
  }

  /// Whether more of it is better.
  public enum Direction: String, CaseIterable, Hashable, Sendable {
    /// More is better.
    case up
    /// Less is better.
    case down
  }

  /// Its name in the model and in frames.
  public var name: String
  /// What people read.
  public var label: String
  /// How it is computed.
  public var formula: Formula
  /// The unit: an ISO currency code, `percent`, `days` and so on.
  public var unit: String?
  /// How its values are shown.
  public var format: Format
  /// Whether more of it is better, when known.
  public var good: Direction?
  /// Other words for it.
  public var synonyms: [String]
  /// What its default filter keeps, in words for the interpretation line; nil when it has none.
  public var filterNote: String?
  /// Where it is declared.
  public var position: SourcePosition

  /// Whether sums over groups give the total.
  public var isAdditive: Bool {
    guard case .simple(let measure) = formula else { return false }
    return measure.aggregate == .sum || measure.aggregate == .count
  }

  /// The simple measures it is made of, numerator first.
  public var measures: [SimpleMeasure] { formula.measures }
}

extension Metric.Formula {
  /// The simple measures it is made of, numerator first.
  public var measures: [SimpleMeasure] {
    switch self {
    case .simple(let measure): [measure]
    case .ratio(let numerator, let denominator, scale: _): numerator.measures + denominator.measures
    }
  }
}

/// A condition with a name.
public struct NamedFilter: Hashable, Sendable {
  /// Its name in the model and in frames.
  public var name: String
  /// The dataset whose rows it judges.
  public var dataset: String
  /// The condition.
  public var expression: SQLExpression
  /// What people read.
  public var label: String
  /// Other words for it.
  public var synonyms: [String]
  /// Where it is declared.
  public var position: SourcePosition
}

/// Words that matter in questions without naming a member of the model.
public struct LanguageSettings: Hashable, Sendable {
  /// A word with more than one meaning.
  public struct Clarification: Hashable, Sendable {
    /// The word.
    public var word: String
    /// The metrics or dimensions it may mean.
    public var options: [String]
  }

  /// A topic the data says nothing about.
  public struct UnavailableTopic: Hashable, Sendable {
    /// What it is about.
    public var topic: String
    /// Words that reveal it.
    public var words: [String]
    /// What to tell the person.
    public var say: String
  }

  /// Questions offered on an empty page.
  public var starters: [String] = []
  /// Words that stand for one metric or dimension.
  public var defaults: [String: String] = [:]
  /// Words with more than one meaning.
  public var clarifications: [Clarification] = []
  /// Topics without data.
  public var unavailable: [UnavailableTopic] = []
}
