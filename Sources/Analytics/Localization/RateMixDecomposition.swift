/// The change of a ratio, split exactly into what its segments did themselves (rate) and what their shares did (mix).
///
/// With shares w of the denominator and ratios r, before (0) and after (1), in midpoint form, which treats both periods
/// alike and leaves no interaction: rate_s = (w0 + w1) / 2 * (r1 - r0), mix_s = (w1 - w0) * ((r0 + r1) / 2 - R), with
/// R = (R0 + R1) / 2. All parts together are R1 - R0, since shares add up to 1. (Kitagawa, JASA 1955.)
/// A segment without denominator in a period has the ratio of the other one, so that it counts as mix alone.
public struct RateMixDecomposition: Hashable, Sendable {
  /// What one segment adds to the change.
  public struct Part: Hashable, Sendable {
    /// What is due to the change of its own ratio, in the unit of the ratio.
    public var rate: Double
    /// What is due to the change of its share, in the unit of the ratio.
    public var mix: Double
  }

  /// One part per segment, in their order.
  public let parts: [Part]
  /// The ratio of the whole before.
  public let before: Double
  /// The ratio of the whole after.
  public let after: Double

  /// What all ratios together did.
  public var rate: Double { parts.reduce(0) { $0 + $1.rate } }
  /// What all shares together did.
  public var mix: Double { parts.reduce(0) { $0 + $1.mix } }
  /// R1 - R0; the sum of all parts, up to rounding.
  public var change: Double { after - before }
  /// Whether every segment that moved did so against the whole (Simpson's paradox): shares alone turned the whole.
  public var isReversal: Bool {
    let moved = parts.filter { $0.rate != 0 }
    return change != 0 && !moved.isEmpty && moved.allSatisfy { $0.rate * change < 0 }
  }

  /// Splits a change.
  ///
  /// - Parameters:
  ///   - before: numerators and denominators of the segments before; finite, denominators not negative.
  ///   - after: the same segments after.
  /// - Throws: ``DecompositionFault`` when the parts cannot be told.
  public init(before: BreakdownTable.Parts, after: BreakdownTable.Parts) throws(DecompositionFault) {
    let count = before.numerator.count
    try Self.check(before, "before", count)
    try Self.check(after, "after", count)
    let below = (before.denominator.reduce(0, +), after.denominator.reduce(0, +))
    guard below.0 > 0 else { throw .noDenominator("before") }
    guard below.1 > 0 else { throw .noDenominator("after") }
    let whole = (before.numerator.reduce(0, +) / below.0, after.numerator.reduce(0, +) / below.1)
    let middle = (whole.0 + whole.1) / 2
    parts = (0..<count).map { s in
      let shares = (before.denominator[s] / below.0, after.denominator[s] / below.1)
      let first = shares.0 > 0 ? before.numerator[s] / before.denominator[s] : nil
      let last = shares.1 > 0 ? after.numerator[s] / after.denominator[s] : nil
      guard let r0 = first ?? last, let r1 = last ?? first else { return Part(rate: 0, mix: 0) }
      return Part(rate: (shares.0 + shares.1) / 2 * (r1 - r0), mix: (shares.1 - shares.0) * ((r0 + r1) / 2 - middle))
    }
    self.before = whole.0
    self.after = whole.1
  }

  private static func check(
    _ parts: BreakdownTable.Parts,
    _ period: String,
    _ count: Int
  ) throws(DecompositionFault) {
    guard count > 0 else { throw .noParts }
    guard parts.numerator.count == count, parts.denominator.count == count else { throw .unequalLength(period) }
    for s in 0..<count {
      guard parts.numerator[s].isFinite, parts.denominator[s].isFinite else {
        throw .badNumber(period: period, segment: s, value: parts.numerator[s] + parts.denominator[s])
      }
      guard parts.denominator[s] >= 0 else {
        throw .badNumber(period: period, segment: s, value: parts.denominator[s])
      }
      guard parts.denominator[s] > 0 || parts.numerator[s] == 0 else {
        throw .numeratorWithoutDenominator(period: period, segment: s)
      }
    }
  }
}
