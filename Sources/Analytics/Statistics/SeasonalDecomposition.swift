#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// A series taken apart into trend, one season per period, and the rest.
///
/// Source: Cleveland, Cleveland, McRae, Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on
/// Loess", Journal of Official Statistics 6(1); several periods as in Bandara, Hyndman, Bergmeir (2021), "MSTL".
public struct SeasonalDecomposition: Sendable {
  /// The slow movement, in the series' unit.
  public let trend: [Double]
  /// One repeating pattern per period, in the order the periods were given.
  public let seasons: [[Double]]
  /// What remains.
  public let remainder: [Double]
  /// The periods, in the order of `seasons`.
  public let periods: [Int]

  /// Takes a series apart.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - periods: seasonal periods, short ones first; each is used only where the series holds it twice.
  ///   - seasonalWindow: how many periods one seasonal value is smoothed over; nil for a season that does not change.
  ///   - robust: whether outliers lose their weight (two more rounds).
  public init(_ values: [Double], periods: [Int], seasonalWindow: Int? = nil, robust: Bool = false) {
    let usable = periods.filter { $0 > 1 && values.count >= 2 * $0 }
    self.periods = usable
    guard !usable.isEmpty else {
      let window = max(7, values.count / 4 | 1)
      trend = Loess.smooth(values, window: window, weights: nil)
      seasons = []
      remainder = zip(values, trend).map { $0 - $1 }
      return
    }
    var seasons = [[Double]](repeating: [Double](repeating: 0, count: values.count), count: usable.count)
    var trend = [Double](repeating: 0, count: values.count)
    var weights: [Double]?
    for round in 0..<(robust ? 3 : 1) {
      for _ in 0..<(usable.count > 1 ? 2 : 1) {
        for (place, period) in usable.enumerated() {
          var rest = values
          for (other, season) in seasons.enumerated() where other != place {
            for index in rest.indices { rest[index] -= season[index] }
          }
          (seasons[place], trend) = Self.split(rest, period, seasonalWindow, weights)
        }
      }
      if robust, round < 2 {
        var rest = values
        for index in rest.indices {
          rest[index] -= trend[index]
          for season in seasons { rest[index] -= season[index] }
        }
        weights = Self.bisquare(rest)
      }
    }
    self.seasons = seasons
    self.trend = trend
    remainder = values.indices.map { index in
      values[index] - trend[index] - seasons.reduce(0) { $0 + $1[index] }
    }
  }

  /// How much of the variation around the trend is the season's: 0 (nothing) to 1 (all).
  ///
  /// Source: Wang, Smith, Hyndman (2006), "Characteristic-based clustering for time series data".
  ///
  /// - Parameter place: which of the periods.
  /// - Returns: the strength; 0 for a period that was not used.
  public func seasonalStrength(_ place: Int = 0) -> Double {
    guard place < seasons.count else { return 0 }
    let both = zip(remainder, seasons[place]).map { $0 + $1 }
    let whole = Self.variance(both)
    guard whole > 0 else { return 0 }
    return max(0, 1 - Self.variance(remainder) / whole)
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))
  }

  /// STL's inner loop, twice.
  private static func split(
    _ values: [Double],
    _ period: Int,
    _ window: Int?,
    _ weights: [Double]?
  ) -> (season: [Double], trend: [Double]) {
    let count = values.count
    let smoothing = window ?? (10 * count + 1)
    let trendWindow = odd(Int((1.5 * Double(period) / (1 - 1.5 / Double(smoothing))).rounded(.up)))
    var trend = [Double](repeating: 0, count: count)
    var season = trend
    for _ in 0..<2 {
      // One smoothed subseries per phase, a period longer at both ends.
      var extended = [Double](repeating: 0, count: count + 2 * period)
      for phase in 0..<period {
        let places = Array(stride(from: phase, to: count, by: period))
        let part = places.map { values[$0] - trend[$0] }
        let share = weights.map { all in places.map { all[$0] } }
        let smooth = window == nil ? level(part, share) : Loess.smoothWithEnds(part, window: smoothing, weights: share)
        for (index, value) in smooth.enumerated() { extended[phase + index * period] = value }
      }
      let low = Loess.smooth(
        average(average(average(extended, period), period), 3),
        window: odd(period),
        weights: nil
      )
      for index in 0..<count { season[index] = extended[index + period] - low[index] }
      trend = Loess.smooth(zip(values, season).map { $0 - $1 }, window: trendWindow, weights: weights)
    }
    return (season, trend)
  }

  private static func odd(_ number: Int) -> Int { number % 2 == 1 ? number : number + 1 }

  /// The weighted mean, for each value and one more at both ends.
  private static func level(_ part: [Double], _ weights: [Double]?) -> [Double] {
    var top = 0.0
    var bottom = 0.0
    for (index, value) in part.enumerated() {
      let weight = weights?[index] ?? 1
      top += weight * value
      bottom += weight
    }
    let mean = bottom > 0 ? top / bottom : part.reduce(0, +) / Double(max(part.count, 1))
    return [Double](repeating: mean, count: part.count + 2)
  }

  private static func average(_ values: [Double], _ width: Int) -> [Double] {
    guard values.count >= width else { return [] }
    var answer: [Double] = []
    answer.reserveCapacity(values.count - width + 1)
    var sum = values[..<width].reduce(0, +)
    answer.append(sum / Double(width))
    for index in width..<max(width, values.count) {
      sum += values[index] - values[index - width]
      answer.append(sum / Double(width))
    }
    return answer
  }

  private static func bisquare(_ rest: [Double]) -> [Double] {
    let limit = 6 * Robust.median(rest.map { abs($0) })
    guard limit > 0 else { return [Double](repeating: 1, count: rest.count) }
    return rest.map { value in
      let share = abs(value) / limit
      return share >= 1 ? 0 : (1 - share * share) * (1 - share * share)
    }
  }
}
