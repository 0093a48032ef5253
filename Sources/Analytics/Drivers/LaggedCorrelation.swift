import Glibc

/// How two series hang together at each lag, once season, trend and memory are taken out of both.
///
/// A single pair looked at closely; for many candidates use ``DriverFinder``, which also weighs them against each other.
public struct LaggedCorrelation: Hashable, Sendable {
  /// The correlation at one lag.
  public struct Lag: Hashable, Sendable {
    /// By how many times the first series leads; negative when it follows.
    public var lag: Int
    /// -1...1.
    public var correlation: Double
    /// Probability of one this strong by chance, among all lags that were looked at (Bonferroni).
    public var adjustedProbability: Double
  }

  /// One entry per lag, from the most negative on.
  public let lags: [Lag]
  /// How many independent pairs of observations the series are worth before memory is taken out.
  public let effectiveObservations: Double

  /// The lag of the largest correlation.
  public var strongest: Lag? { lags.max { abs($0.correlation) < abs($1.correlation) } }

  /// Looks at a pair.
  ///
  /// Both series are whitened by the autoregression of the second one, so that a correlation cannot come from memory
  /// (prewhitening; Box and Jenkins 1970, chapter 11). The number of effective observations is
  /// n / (1 + 2 sum (1 - k / n) r_x(k) r_y(k)) (Bartlett 1935; Bayley and Hammersley 1946).
  /// - Parameters:
  ///   - leader: the series that may lead; finite.
  ///   - target: the other one, of the same length.
  ///   - lags: the lags to look at.
  ///   - season: times after which a pattern repeats, or nil.
  /// - Throws: ``DriverFault`` when the pair cannot be looked at.
  public init(
    leader: [Double],
    target: [Double],
    lags: ClosedRange<Int> = -14...14,
    season: Int? = 7
  ) throws(DriverFault) {
    let count = target.count
    let reach = max(abs(lags.lowerBound), abs(lags.upperBound))
    let needed = max(DriverFinder.leastTimes, 2 * reach + 2)
    guard count >= needed else { throw .tooShort(count: count, needed: needed) }
    guard leader.count == count else { throw .unequalLength(name: "leader", count: leader.count, wanted: count) }
    for (name, values) in [("leader", leader), ("target", target)] {
      if let index = values.firstIndex(where: { !$0.isFinite }) { throw .infinite(name: name, index: index) }
    }
    let basis = SeasonalBasis(times: 0..<count, season: season)
    let (x, y) = (basis.residual(leader), basis.residual(target))
    guard DriverStatistics.dot(y, y) > 1e-18 * DriverStatistics.dot(target, target) else { throw .constantTarget }
    effectiveObservations = Self.effective(x, y)
    let memory = Memory(y, maximum: min(7, count / 10))
    let inner = SeasonalBasis(times: memory.coefficients.count..<count, season: season)
    let (a, b) = (inner.residual(memory.whitened(x)), inner.residual(memory.whitened(y)))
    let freedom = Double(a.count - inner.columns.count - memory.coefficients.count - 1)
    let questions = Double(lags.count)
    self.lags = lags.map { lag in
      let (first, last) = lag >= 0 ? (a.dropLast(lag), b.dropFirst(lag)) : (a.dropFirst(-lag), b.dropLast(-lag))
      let (one, other) = (Array(first), Array(last))
      let power = DriverStatistics.dot(one, one) * DriverStatistics.dot(other, other)
      let r = power > 0 ? min(max(DriverStatistics.dot(one, other) / power.squareRoot(), -1), 1) : 0
      let free = max(freedom - Double(abs(lag)), 1)
      let t = abs(r) * (free / max(1 - r * r, 1e-12)).squareRoot()
      let probability = min(DriverStatistics.studentTails(t, freedom: free) * questions, 1)
      return Lag(lag: lag, correlation: r, adjustedProbability: probability)
    }
  }

  private static func effective(_ x: [Double], _ y: [Double]) -> Double {
    let n = Double(x.count)
    let power = (DriverStatistics.dot(x, x), DriverStatistics.dot(y, y))
    guard power.0 > 0, power.1 > 0 else { return n }
    var sum = 0.0
    for k in 1...max(min(x.count / 3, 60), 1) {
      let first = DriverStatistics.dot(Array(x.dropLast(k)), Array(x.dropFirst(k))) / power.0
      let second = DriverStatistics.dot(Array(y.dropLast(k)), Array(y.dropFirst(k))) / power.1
      sum += (1 - Double(k) / n) * first * second
    }
    return min(max(n / max(1 + 2 * sum, 1 / n), 3), n)
  }

  /// The correlation of two series with others held fixed: that of what is left of both after regression on the others.
  ///
  /// - Parameters:
  ///   - first: a series; finite.
  ///   - second: another one, of the same length.
  ///   - others: what is held fixed, of the same length each.
  /// - Returns: -1...1 and the two-sided probability by Student's distribution for independent observations; nil when
  ///   lengths differ, too few observations are left, or one of the two hangs entirely on the others.
  public static func partial(
    _ first: [Double],
    _ second: [Double],
    given others: [[Double]]
  ) -> (correlation: Double, probability: Double)? {
    let count = first.count
    let freedom = Double(count - 2 - others.count)
    guard freedom >= 1, second.count == count, others.allSatisfy({ $0.count == count }) else { return nil }
    guard (others + [first, second]).allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    func centred(_ values: [Double]) -> [Double] {
      let mean = values.reduce(0, +) / Double(count)
      return values.map { $0 - mean }
    }
    var basis: [[Double]] = []
    func rest(_ values: [Double]) -> [Double]? {
      let start = centred(values)
      var left = start
      for _ in 0..<2 {
        for column in basis { DriverStatistics.subtract(DriverStatistics.dot(column, left), column, from: &left) }
      }
      return DriverStatistics.dot(left, left) > 1e-18 * DriverStatistics.dot(start, start) ? left : nil
    }
    for other in others {
      guard let left = rest(other) else { continue }
      let norm = DriverStatistics.dot(left, left).squareRoot()
      basis.append(left.map { $0 / norm })
    }
    guard let x = rest(first), let y = rest(second) else { return nil }
    let power = (DriverStatistics.dot(x, x) * DriverStatistics.dot(y, y)).squareRoot()
    let r = min(max(DriverStatistics.dot(x, y) / power, -1), 1)
    let t = abs(r) * (freedom / max(1 - r * r, 1e-15)).squareRoot()
    return (r, DriverStatistics.studentTails(t, freedom: freedom))
  }
}
