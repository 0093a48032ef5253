public import CoachVocabulary

/// One column of a result, with what it means.
public struct ResultColumn: Hashable, Sendable, Codable {
  /// What part a column plays.
  public enum Role: String, Hashable, Sendable, Codable {
    /// A value of a dimension.
    case dimension
    /// A time bucket.
    case time
    /// A measured value.
    case metric
    /// The measured value of the other period.
    case comparison
    /// The difference to the other period, in the metric's unit.
    case change
    /// The difference to the other period, in percent of it.
    case changePercent = "change_percent"
    /// The part of the whole, in percent.
    case share
  }

  /// The name in SQL and in exports.
  public var name: String
  /// What people read.
  public var label: String
  /// What part it plays.
  public var role: Role
  /// The unit of its values, when they have one.
  public var unit: String?
  /// How its values are shown.
  public var format: Format
  /// The metric or dimension it shows.
  public var member: String

  /// Describes a column.
  public init(name: String, label: String, role: Role, unit: String?, format: Format, member: String) {
    self.name = name
    self.label = label
    self.role = role
    self.unit = unit
    self.format = format
    self.member = member
  }

  /// How values are shown.
  public enum Format: String, Hashable, Sendable, Codable {
    /// Money.
    case currency
    /// A plain number.
    case number
    /// Percent points.
    case percent
    /// A name.
    case text
    /// A date or time bucket.
    case date

    /// How the values of a metric of this format are shown.
    public init(_ format: Metric.Format) {
      self =
        switch format {
        case .currency: .currency
        case .number: .number
        case .percent: .percent
        }
    }
  }
}

/// A frame as one SQL statement with its bound values.
public struct CompiledQuery: Hashable, Sendable {
  /// The statement, with `?1`, `?2`, … for the values.
  public var sql: String
  /// The values, in order.
  public var parameters: [JSONValue]
  /// The columns it gives, in order.
  public var columns: [ResultColumn]
  /// Counts all rows when the statement has a limit; takes the same parameters.
  public var countSQL: String?
  /// What exactly was measured, for people.
  public var interpretation: String
}

/// Why a frame cannot become SQL.
public enum CompileFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The frame measures nothing.
  case noMetric
  /// The model has no member of that name.
  case unknownMember(String)
  /// The facts of the metric do not know the dimension.
  case unreachable(metric: String, dimension: String)
  /// There are two equally short ways from the facts to the dimension.
  case ambiguousJoin(metric: String, dimension: String)
  /// The facts of the metric have no time.
  case timeless(metric: String)
  /// The parts of the frame do not go together.
  case incompatible(String)

  /// What is wrong, for people.
  public var description: String {
    switch self {
    case .noMetric: "the question does not say what to measure"
    case .unknownMember(let name): "the model has no '\(name)'"
    case .unreachable(let metric, let dimension): "\(metric) is not recorded by \(dimension)"
    case .ambiguousJoin(let metric, let dimension):
      "there are two ways to join \(metric) with \(dimension); the domain file must say which"
    case .timeless(let metric): "\(metric) has no dates, so it cannot be limited to a period"
    case .incompatible(let why): why
    }
  }
}
