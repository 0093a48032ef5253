import Glibc

/// The change of a sum, split into what each segment adds to it.
///
/// Parts of one dimension add up to the change; parts of different dimensions split the same change and are never added.
public struct ContributionDecomposition: Hashable, Sendable {
  /// What one segment adds.
  public struct Part: Hashable, Sendable {
    /// The segment's own change, in the unit of the metric.
    public var change: Double
    /// Its change relative to its value before; nil when that was zero.
    public var relativeChange: Double?
    /// Its change relative to the whole before: the points it adds to the relative change of the whole; nil when the
    /// whole was zero.
    public var points: Double?
    /// How far its share of the whole moved, -1...1; nil when the whole is zero in a period.
    public var shareChange: Double?
  }

  /// One part per segment, in their order.
  public let parts: [Part]
  /// The whole before.
  public let before: Double
  /// The whole after.
  public let after: Double

  /// The change of the whole; the sum of the parts, up to rounding.
  public var change: Double { after - before }

  /// Splits a change.
  ///
  /// - Parameters:
  ///   - before: the segments before; finite.
  ///   - after: the same segments after.
  /// - Throws: ``DecompositionFault`` when the parts cannot be told.
  public init(before: [Double], after: [Double]) throws(DecompositionFault) {
    guard !before.isEmpty || !after.isEmpty else { throw .noParts }
    guard before.count == after.count else { throw .unequalLength("after") }
    for (period, values) in [("before", before), ("after", after)] {
      if let segment = values.firstIndex(where: { !$0.isFinite }) {
        throw .badNumber(period: period, segment: segment, value: values[segment])
      }
    }
    let whole = (before.reduce(0, +), after.reduce(0, +))
    parts = zip(before, after).map { first, last in
      Part(
        change: last - first,
        relativeChange: first == 0 ? nil : (last - first) / abs(first),
        points: whole.0 == 0 ? nil : (last - first) / abs(whole.0),
        shareChange: whole.0 == 0 || whole.1 == 0 ? nil : last / whole.1 - first / whole.0
      )
    }
    self.before = whole.0
    self.after = whole.1
  }
}

/// The change of a product of factors (revenue = visits x conversion x basket), split among them.
///
/// LMDI: part_k = L(R1, R0) ln(f1_k / f0_k) with the logarithmic mean L(a, b) = (a - b) / ln(a / b): exact, and
/// independent of the order of the factors. (Ang, Energy Policy 2004.)
public struct FactorDecomposition: Hashable, Sendable {
  /// What each factor adds to the change of the product, in its unit.
  public let parts: [Double]
  /// The product before.
  public let before: Double
  /// The product after.
  public let after: Double

  /// The change of the product; the sum of the parts, up to rounding.
  public var change: Double { after - before }

  /// Splits a change.
  ///
  /// - Parameters:
  ///   - before: the factors before; finite and above zero.
  ///   - after: the same factors after.
  /// - Throws: ``DecompositionFault`` when the parts cannot be told.
  public init(before: [Double], after: [Double]) throws(DecompositionFault) {
    guard !before.isEmpty || !after.isEmpty else { throw .noParts }
    guard before.count == after.count else { throw .unequalLength("after") }
    for (period, values) in [("before", before), ("after", after)] {
      if let segment = values.firstIndex(where: { !($0.isFinite && $0 > 0) }) {
        throw .badNumber(period: period, segment: segment, value: values[segment])
      }
    }
    let products = (before.reduce(1, *), after.reduce(1, *))
    let ratio = log(products.1 / products.0)
    // Near equality the quotient loses its digits; its limit is the mean of both.
    let mean = abs(ratio) < 1e-9 ? (products.0 + products.1) / 2 : (products.1 - products.0) / ratio
    parts = zip(before, after).map { mean * log($1 / $0) }
    self.before = products.0
    self.after = products.1
  }
}

/// Why a change cannot be split.
public enum DecompositionFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are no segments.
  case noParts
  /// The segments of a period are not those of the other.
  case unequalLength(String)
  /// A number is infinite, not a number, or has a sign that has no meaning here.
  case badNumber(period: String, segment: Int, value: Double)
  /// All denominators of a period are zero.
  case noDenominator(String)
  /// A segment has a numerator but nothing to divide it by.
  case numeratorWithoutDenominator(period: String, segment: Int)

  /// What is wrong, and how to mend it.
  public var description: String {
    switch self {
    case .noParts: "there are no segments to split the change among"
    case .unequalLength(let period): "the numbers \(period) are not as many as those of the other period"
    case .badNumber(let period, let segment, let value):
      "segment \(segment) has the value \(value) \(period); it must be finite, and not negative where it divides"
    case .noDenominator(let period): "every denominator \(period) is zero; the ratio has no value there"
    case .numeratorWithoutDenominator(let period, let segment):
      "segment \(segment) has a numerator but no denominator \(period); put both in the same segment"
    }
  }
}
