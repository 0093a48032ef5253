/// What a name among a frame's metrics stands for: a metric of the model, or something made of one or two of them.
///
/// Frames hold texts, so that they stay simple to store and to write; a term is the meaning of such a text.
public enum MetricTerm: Hashable, Sendable {
  /// A metric of the model.
  case metric(String)
  /// The number of different values of a dimension.
  case distinct(dimension: String)
  /// A statistic over the single rows behind a metric.
  case statistic(RowStatistic, of: String)
  /// The first metric divided by the second one, sum over sum.
  case ratio(String, String)
  /// The first metric in percent of the second one.
  case percent(String, of: String)
  /// The first metric less the second one.
  case difference(String, String)
  /// The first day on which a metric has a row.
  case firstDate(of: String)
  /// The last day on which a metric has a row.
  case lastDate(of: String)

  /// Reads a name; what has no known prefix is a metric of the model.
  public init(_ name: String) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    self = Self.made(of: parts) ?? .metric(name)
  }

  private static func made(of parts: [String]) -> MetricTerm? {
    switch (parts.first, parts.count) {
    case ("distinct", 2): .distinct(dimension: parts[1])
    case ("ratio", 3): .ratio(parts[1], parts[2])
    case ("percent", 3): .percent(parts[1], of: parts[2])
    case ("difference", 3): .difference(parts[1], parts[2])
    case ("first", 2): .firstDate(of: parts[1])
    case ("last", 2): .lastDate(of: parts[1])
    case ("percentile", 3): Int(parts[1]).flatMap { RowStatistic(percentile: $0) }.map { .statistic($0, of: parts[2]) }
    case (_, 2): RowStatistic(word: parts[0]).map { .statistic($0, of: parts[1]) }
    default: nil
    }
  }

  /// The text that stands for it in a frame.
  public var name: String {
    switch self {
    case .metric(let name): name
    case .distinct(let dimension): "distinct:\(dimension)"
    case .statistic(let statistic, of: let metric): "\(statistic.word):\(metric)"
    case .ratio(let numerator, let denominator): "ratio:\(numerator):\(denominator)"
    case .percent(let part, of: let whole): "percent:\(part):\(whole)"
    case .difference(let one, let other): "difference:\(one):\(other)"
    case .firstDate(of: let metric): "first:\(metric)"
    case .lastDate(of: let metric): "last:\(metric)"
    }
  }

  /// The metrics of the model that it is made of.
  public var metrics: [String] {
    switch self {
    case .metric(let name), .statistic(_, of: let name), .firstDate(of: let name), .lastDate(of: let name): [name]
    case .ratio(let one, let other), .percent(let one, of: let other), .difference(let one, let other): [one, other]
    case .distinct: []
    }
  }
}

/// A number that describes many rows.
public enum RowStatistic: Hashable, Sendable {
  /// The mean.
  case average
  /// The smallest value.
  case minimum
  /// The largest value.
  case maximum
  /// The value below which so many percent of the rows lie, 1 to 99, interpolated linearly; 50 is the median.
  case percentile(Int)

  /// The median.
  public static let median = RowStatistic.percentile(50)

  /// A percentile; nil outside 1 to 99.
  public init?(percentile: Int) {
    guard (1...99).contains(percentile) else { return nil }
    self = .percentile(percentile)
  }

  init?(word: String) {
    switch word {
    case "average": self = .average
    case "minimum": self = .minimum
    case "maximum": self = .maximum
    case "median": self = .median
    default: return nil
    }
  }

  /// How it is written in the name of a term.
  var word: String {
    switch self {
    case .average: "average"
    case .minimum: "minimum"
    case .maximum: "maximum"
    case .percentile(50): "median"
    case .percentile(let percent): "percentile:\(percent)"
    }
  }

  /// How it is called in a label.
  var label: String {
    switch self {
    case .average: "Average"
    case .minimum: "Smallest"
    case .maximum: "Largest"
    case .percentile(50): "Median"
    case .percentile(let percent): "\(percent)th percentile of"
    }
  }
}
