#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Stretches of equal values in series that hardly ever repeat a value: a sensor or a load job that stands still.
enum FlatLine {
  /// - Parameter values: not-a-number where a value is missing.
  /// - Returns: stretches of at least 4 equal values whose chance, by how often neighbours are equal elsewhere, is small.
  static func findings(_ values: [Double]) -> [AnomalyFinding] {
    var runs: [(start: Int, length: Int)] = []
    var start = 0
    for index in 1..<max(values.count, 1) where values[index] != values[index - 1] {
      runs.append((start, index - start))
      start = index
    }
    runs.append((start, values.count - start))
    let long = runs.filter { $0.length >= 4 }
    guard !long.isEmpty, long.count <= 2 else { return [] }
    let elsewhere = runs.filter { $0.length < 4 }.reduce(0) { $0 + $1.length - 1 }
    let share = (Double(elsewhere) + 0.5) / Double(values.count)
    return long.compactMap { run in
      // The surprise of so many equal neighbours, as the strength of a normal deviate of the same probability.
      let surprise = -Double(run.length - 1) * log(share) - log(Double(values.count))
      guard surprise > 8 else { return nil }
      return AnomalyFinding(
        kind: .flatLine,
        start: run.start,
        end: run.start + run.length - 1,
        strength: (2 * surprise).squareRoot(),
        excess: 0
      )
    }
  }
}
