public import CoachVocabulary

/// The rows that a statement returned.
public struct ResultTable: Hashable, Sendable, Codable {
  /// The names of the columns, from left to right; two may be equal.
  public var columns: [String]
  /// The rows in the order of the statement; each has one value per column.
  public var rows: [[JSONValue]]
  /// Whether there were more rows than the policy lets through.
  public var isTruncated: Bool

  /// Makes a result.
  public init(columns: [String], rows: [[JSONValue]], isTruncated: Bool = false) {
    self.columns = columns
    self.rows = rows
    self.isTruncated = isTruncated
  }
}
