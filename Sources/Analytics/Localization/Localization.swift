/// Where a change of a metric comes from.
public struct Localization: Hashable, Sendable {
  /// What kind of change it is.
  public enum Effect: String, Hashable, Sendable, CaseIterable {
    /// Some segments have more or less of what is summed.
    case volume
    /// Some segments have a higher or lower ratio.
    case rate
    /// The segments kept their ratios, but their shares of the whole moved.
    case mix
    /// Everything moved together; no segment stands out.
    case global
    /// Nothing moved beyond what it usually does.
    case none
  }

  /// One condition of a segment.
  public struct Condition: Hashable, Sendable {
    /// The column.
    public var dimension: String
    /// Its value.
    public var value: String

    /// A condition.
    ///
    /// - Parameters:
    ///   - dimension: the column.
    ///   - value: its value.
    public init(dimension: String, value: String) {
      self.dimension = dimension
      self.value = value
    }
  }

  /// A segment that changed as one.
  public struct Cause: Hashable, Sendable {
    /// What selects the segment, in the order of the table's dimensions; all must hold.
    public var conditions: [Condition]
    /// How many leaves the segment has.
    public var leafCount: Int
    /// The value that was to be expected, in the metric's unit: a sum, or the ratio of the segment.
    ///
    /// For a mix effect: the denominator that was to be expected.
    public var expected: Double
    /// The value that was seen, in the same unit.
    public var actual: Double
    /// What the segment adds to the change of the whole metric, in the metric's unit.
    public var impact: Double
    /// How much more probable the data are with this cause than without, as a logarithm (nats), the price of having
    /// searched many segments already deducted.
    public var evidence: Double

    /// The change relative to what was expected: -0.2 is a fifth less.
    public var relativeChange: Double { expected == 0 ? 0 : actual / expected - 1 }
  }

  /// What kind of change it is.
  public var effect: Effect
  /// The segments that explain it, the largest impact first; none for ``Effect/global`` and ``Effect/none``.
  public var causes: [Cause]
  /// The whole metric as it was to be expected.
  public var expectedTotal: Double
  /// The whole metric as it was.
  public var actualTotal: Double
  /// The common relative change of everything that no cause explains: -0.1 is a tenth less.
  public var commonChange: Double
  /// How much everything moves together from period to period anyway, as a relative standard deviation.
  public var usualCommonChange: Double
}
