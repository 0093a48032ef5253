/// Why a table cannot be searched for causes.
public enum LocalizationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are no leaves.
  case noRows
  /// There is no dimension to search.
  case noDimensions
  /// A column has another length than the first one, or a code points past a dimension's values.
  case malformed(String)
  /// A number is negative, infinite or not a number where that has no meaning.
  case badNumber(column: String, row: Int, value: Double)
  /// Neither a forecast nor a history says what was to be expected.
  case nothingExpected
  /// Everything that was measured and expected is zero.
  case allZero
  /// The search would need more memory than is allowed.
  case tooLarge(leaves: Int, limit: Int)

  /// What is wrong, and how to mend it.
  public var description: String {
    switch self {
    case .noRows: "the breakdown has no rows; choose a period with data"
    case .noDimensions: "the breakdown has no dimension; name at least one column to search"
    case .malformed(let what): "the breakdown is malformed: \(what)"
    case .badNumber(let column, let row, let value):
      "\(column) of row \(row) is \(value); it must be a finite number, and not negative"
    case .nothingExpected: "neither a forecast nor a history was given; one of them must say what was to be expected"
    case .allZero: "the metric is zero everywhere, now and before; there is no change to explain"
    case .tooLarge(let leaves, let limit):
      "the breakdown has \(leaves) rows and at most \(limit) can be searched; use fewer dimensions or coarser values"
    }
  }
}
