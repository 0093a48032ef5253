/// A metric broken down by several dimensions at once: one leaf per combination of values, each with what it was
/// and, where known, what it was expected to be and what it was before.
///
/// The table is columnar: `codes[d][i]` is the index into `dimensions[d].values` of leaf `i`.
public struct BreakdownTable: Sendable {
  /// One column the metric is broken down by.
  public struct Dimension: Hashable, Sendable {
    /// What the column is called, for example `country`.
    public var name: String
    /// The values that occur; a leaf names one by its index.
    public var values: [String]

    /// A dimension and its values.
    ///
    /// - Parameters:
    ///   - name: what the column is called.
    ///   - values: the values that occur, each once.
    public init(name: String, values: [String]) {
      self.name = name
      self.values = values
    }
  }

  /// What is measured in each leaf, in the period to explain.
  public enum Measure: Sendable {
    /// The metric is the sum over the leaves (orders, revenue).
    ///
    /// `expected` is a forecast per leaf; it may be empty when there is a history.
    case sum(actual: [Double], expected: [Double])
    /// The metric is the sum of the numerators divided by the sum of the denominators (a conversion rate).
    ///
    /// `expected` is a forecast of both parts per leaf; it may be empty when there is a history.
    case ratio(actual: Parts, expected: Parts)
  }

  /// The two parts of a ratio, one number per leaf.
  public struct Parts: Sendable {
    /// What is counted, for example orders.
    public var numerator: [Double]
    /// What it is counted per, for example visits; not negative.
    public var denominator: [Double]

    /// Both parts, of the same length.
    ///
    /// - Parameters:
    ///   - numerator: what is counted.
    ///   - denominator: what it is counted per.
    public init(numerator: [Double], denominator: [Double]) {
      self.numerator = numerator
      self.denominator = denominator
    }

    /// No numbers: nothing is known.
    public static let none = Parts(numerator: [], denominator: [])
  }

  /// The same leaves in earlier periods of equal length, oldest first and without the period to explain.
  public struct History: Sendable {
    /// How many earlier periods there are.
    public var periods: Int
    /// Periods after which a pattern repeats: 7 for days with a weekly rhythm, nil for none.
    public var season: Int?
    /// The value (a sum) or the numerator (a ratio) of leaf `i` in period `t`, at `i * periods + t`.
    public var values: [Double]
    /// The denominator of leaf `i` in period `t` at the same place; empty for a sum.
    public var denominators: [Double]

    /// Earlier periods of a metric.
    ///
    /// - Parameters:
    ///   - periods: how many there are.
    ///   - season: periods after which a pattern repeats, or nil.
    ///   - values: value or numerator of leaf `i` in period `t`, at `i * periods + t`.
    ///   - denominators: denominators at the same places; empty for a sum.
    public init(periods: Int, season: Int?, values: [Double], denominators: [Double] = []) {
      self.periods = periods
      self.season = season
      self.values = values
      self.denominators = denominators
    }
  }

  /// The columns.
  public var dimensions: [Dimension]
  /// Index of the value of each leaf, per dimension.
  public var codes: [[UInt32]]
  /// What is measured.
  public var measure: Measure
  /// Earlier periods, if there are any.
  public var history: History?

  /// A table of leaves.
  ///
  /// - Parameters:
  ///   - dimensions: the columns.
  ///   - codes: index of the value of each leaf, per dimension.
  ///   - measure: what is measured in each leaf.
  ///   - history: the same leaves before, if known.
  public init(dimensions: [Dimension], codes: [[UInt32]], measure: Measure, history: History? = nil) {
    self.dimensions = dimensions
    self.codes = codes
    self.measure = measure
    self.history = history
  }

  /// How many leaves there are.
  public var leafCount: Int { codes.first?.count ?? 0 }
}
