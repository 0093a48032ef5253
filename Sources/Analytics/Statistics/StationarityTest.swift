#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// The KPSS test of level stationarity.
///
/// Source: Kwiatkowski, Phillips, Schmidt, Shin (1992), "Testing the null hypothesis of stationarity against the
/// alternative of a unit root", Journal of Econometrics 54; 5 % point 0.463, Bartlett weights, lags 3√n/13 as in
/// Hyndman and Khandakar (2008).
enum StationarityTest {
  /// Whether stationarity around a level is not rejected at 5 %.
  static func accepts(_ values: [Double]) -> Bool { statistic(values) <= 0.463 }

  /// The test statistic; 0 for a constant or very short series.
  static func statistic(_ values: [Double]) -> Double {
    let count = values.count
    guard count > 3 else { return 0 }
    let size = Double(count)
    let mean = values.reduce(0, +) / size
    let centered = values.map { $0 - mean }
    var partial = 0.0
    var squares = 0.0
    for value in centered {
      partial += value
      squares += partial * partial
    }
    let lags = Int(3 * size.squareRoot() / 13)
    var variance = centered.reduce(0) { $0 + $1 * $1 }
    for lag in 1..<max(1, lags + 1) where lag < count {
      var sum = 0.0
      for index in lag..<count { sum += centered[index] * centered[index - lag] }
      variance += 2 * (1 - Double(lag) / Double(lags + 1)) * sum
    }
    guard variance > 1e-12 * (mean * mean * size + 1e-300) else { return 0 }
    return squares / (size * variance)
  }
}

/// Differences of a series.
enum Difference {
  /// `times` differences at lag 1 and `seasonalTimes` at the period; shorter by the sum of the lags.
  static func apply(_ values: [Double], _ times: Int, _ seasonalTimes: Int, _ period: Int) -> [Double] {
    var answer = values
    for _ in 0..<seasonalTimes { answer = at(period, answer) }
    for _ in 0..<times { answer = at(1, answer) }
    return answer
  }

  private static func at(_ lag: Int, _ values: [Double]) -> [Double] {
    guard values.count > lag else { return [] }
    return (lag..<values.count).map { values[$0] - values[$0 - lag] }
  }
}
