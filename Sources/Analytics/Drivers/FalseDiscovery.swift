/// Corrections for having asked many questions at once.
public enum FalseDiscovery {
  /// What may hang together among the questions.
  public enum Dependence: Sendable {
    /// Independent or positively dependent questions: Benjamini and Hochberg (JRSS B 1995).
    case positive
    /// Any dependence, at the price of a factor of about ln(number): Benjamini and Yekutieli (Annals of Statistics 2001).
    case any
  }

  /// Probabilities adjusted so that keeping those up to q makes at most the share q of the findings false, on average.
  ///
  /// - Parameters:
  ///   - probabilities: one per question, 0...1; NaN counts as 1.
  ///   - dependence: what may hang together.
  /// - Returns: one per question, in their order, 0...1.
  public static func adjusted(_ probabilities: [Double], dependence: Dependence = .positive) -> [Double] {
    let count = Double(probabilities.count)
    let price =
      switch dependence {
      case .positive: 1.0
      case .any: probabilities.indices.reduce(0) { $0 + 1 / Double($1 + 1) }
      }
    let values = probabilities.map { $0.isNaN ? 1 : min(max($0, 0), 1) }
    let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
    var adjusted = values
    var least = 1.0
    for (rank, index) in order.enumerated().reversed() {
      least = min(least, values[index] * count * price / Double(rank + 1))
      adjusted[index] = least
    }
    return adjusted
  }
}
