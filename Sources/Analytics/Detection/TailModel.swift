#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The upper tail of a stream of positive numbers: excesses over a high limit follow a generalised Pareto distribution.
///
/// Source: Pickands (1975), "Statistical inference using extreme order statistics", Annals of Statistics 3; fitted by
/// moments as in Hosking, Wallis (1987), "Parameter and quantile estimation for the generalized Pareto distribution".
struct TailModel: Sendable {
  /// So many first numbers set the limit.
  private static let first = 100
  /// Which share of them lies below it.
  private static let quantile = 0.95
  /// Tails are taken for at least this heavy: a short past cannot show how heavy they are.
  private static let leastShape = 0.2
  /// Above this, moments hardly exist, and Hill's estimate of a power law has its say: Hill (1975), "A simple general
  /// approach to inference about the tail of a distribution", Annals of Statistics 3.
  private static let heavyShape = 0.3

  private var count = 0
  private var initial: [Double] = []
  private var limit = 0.0
  private var excesses: [Double] = []
  private var sum = 0.0
  private var squares = 0.0

  /// Says how surprising a number is, then learns it.
  ///
  /// - Returns: minus the logarithm to base 10 of the probability of a number as large, by those before it; 0 for an
  ///   ordinary number and while the limit is not set.
  mutating func observe(_ value: Double) -> Double {
    count += 1
    guard count > Self.first else {
      initial.append(value)
      if count == Self.first { setLimit() }
      return 0
    }
    let excess = value - limit
    guard excess > 0 else { return 0 }
    let answer = surprise(of: excess)
    learn(excess)
    if excesses.count > 200, Double(excesses.count) > 0.06 * Double(count) { raiseLimit() }
    return answer
  }

  private func surprise(of excess: Double) -> Double {
    let size = Double(excesses.count)
    guard size > 1 else { return 0 }
    let mean = sum / size
    let variance = max(squares / size - mean * mean, 0)
    guard mean > 0 else { return 0 }
    let estimate = variance > 0 ? 0.5 * (1 - mean * mean / variance) : 0
    let shape = min(max(estimate, Self.leastShape), 0.49)
    var tail = pow(1 + shape * excess / (mean * (1 - shape)), -1 / shape)
    if estimate > Self.heavyShape, limit > 0 {
      let index = excesses.reduce(0) { $0 + log(1 + $1 / limit) } / size
      tail = max(tail, pow(1 + excess / limit, -1 / index))
    }
    return -log10(max(size / Double(count) * tail, 1e-30))
  }

  private mutating func learn(_ excess: Double) {
    excesses.append(excess)
    sum += excess
    squares += excess * excess
  }

  private mutating func setLimit() {
    initial.sort()
    limit = Robust.quantile(ofSorted: initial, Self.quantile)
    for value in initial where value > limit { learn(value - limit) }
    initial = []
  }

  /// Keeps the larger half of the excesses, over a higher limit.
  private mutating func raiseLimit() {
    let middle = Robust.median(excesses)
    let kept = excesses.filter { $0 > middle }
    limit += middle
    (excesses, sum, squares) = ([], 0, 0)
    for excess in kept { learn(excess - middle) }
  }
}
