/// The models whose median is the forecast.
///
/// Exponential smoothing, complex smoothing, automatic ARIMA and the dynamic optimised Theta model as in Petropoulos
/// and Svetunkov (2020), "A simple combination of univariate models", IJF 36(1); beside them ARIMA and Theta on the
/// seasonally adjusted series, which keep a season that is too long for the others. A second, longer period (the week
/// of hourly values) is taken off before the first four see the series.
struct EnsembleMembers {
  /// A fitted model and what is to be added to its forecasts.
  private struct Member {
    var name: String
    var model: any FittedModel
    var seasons: SeasonalExtension
  }

  private var members: [Member] = []
  private let values: [Double]
  private let period: Int

  /// The names of the members that could be fitted.
  var names: [String] { members.map(\.name) }

  /// Fits all members.
  ///
  /// - Parameters:
  ///   - values: complete and finite, at least 4.
  ///   - periods: seasonal periods, short ones first; empty for none.
  init(_ values: [Double], periods: [Int]) {
    self.values = values
    let usable = periods.filter { $0 > 1 && values.count >= 2 * $0 + 1 }
    period = usable.first ?? 1
    guard values.contains(where: { $0 != values[0] }) else { return }
    let long = usable.count > 1 ? SeasonalExtension(values, periods: usable, keeping: 1, window: nil) : .none
    let first = long.adjusting(values)
    let shortest = periods.first { $0 > 1 } ?? 1
    let strength =
      shortest > 1 && values.count >= 2 * shortest
      ? SeasonalDecomposition(first, periods: [shortest]).seasonalStrength() : 0
    add("ets", ExponentialSmoothing.automatic(first, period: shortest), long)
    add("ces", ComplexSmoothing.automatic(first, period: shortest), long)
    add("theta", DynamicTheta(first, period: shortest), long)
    add("arima", SeasonalARIMA.automatic(first, period: shortest, seasonalStrength: strength), long)
    guard !usable.isEmpty else { return }
    let all = SeasonalExtension(values, periods: usable, keeping: 0, window: 13)
    let adjusted = all.adjusting(values)
    add("adjusted theta", DynamicTheta(adjusted, period: 1), all)
    add("adjusted arima", SeasonalARIMA.automatic(adjusted, period: 1, seasonalStrength: 0), all)
  }

  private mutating func add(_ name: String, _ model: (any FittedModel)?, _ seasons: SeasonalExtension) {
    if let model { members.append(Member(name: name, model: model, seasons: seasons)) }
  }

  /// The median of the members' forecasts, from each origin.
  ///
  /// - Parameters:
  ///   - origins: numbers of known values, ascending.
  ///   - horizon: at least 1.
  /// - Returns: for each origin `horizon` values; the seasonal naive forecast where no member gives a sane one.
  func forecasts(from origins: [Int], horizon: Int) -> [[Double]] {
    let each = members.map { member in
      let forecasts = member.model.forecasts(from: origins, horizon: horizon)
      return zip(origins, forecasts).map { origin, forecast in member.seasons.extending(forecast, from: origin) }
    }
    return origins.indices.map { place in
      let origin = origins[place]
      let (low, high) = plausible(upTo: origin)
      var usable = each.map { $0[place] }.filter { forecast in
        forecast.allSatisfy { $0.isFinite && $0 >= low && $0 <= high }
      }
      if usable.isEmpty { usable = [seasonalNaive(from: origin, horizon: horizon)] }
      var column = [Double](repeating: 0, count: usable.count)
      return (0..<horizon).map { step in
        for index in usable.indices { column[index] = usable[index][step] }
        column.sort()
        let middle = column.count / 2
        return column.count % 2 == 1 ? column[middle] : 0.5 * (column[middle - 1] + column[middle])
      }
    }
  }

  /// The last known period again; without a period the last known value.
  func seasonalNaive(from origin: Int, horizon: Int) -> [Double] {
    let length = origin >= period ? period : 1
    return (0..<horizon).map { values[origin - length + $0 % length] }
  }

  /// What a sane forecast stays within: the range so far, and twice that range on both sides.
  private func plausible(upTo origin: Int) -> (low: Double, high: Double) {
    let low = values[..<origin].min() ?? 0
    let high = values[..<origin].max() ?? 0
    let room = 2 * (high - low) + 1e-9 * max(abs(high), abs(low))
    return (low - room, high + room)
  }
}

/// Seasons taken off a series, and put on its forecasts again.
struct SeasonalExtension {
  private var patterns: [(period: Int, season: [Double])] = []

  static let none = SeasonalExtension()

  private init() {}

  /// - Parameters:
  ///   - values: complete and finite.
  ///   - periods: seasonal periods, short ones first.
  ///   - keeping: how many of the shortest stay in the series.
  ///   - window: how many periods a seasonal value is smoothed over; nil for a season that does not change.
  init(_ values: [Double], periods: [Int], keeping: Int, window: Int?) {
    let decomposition = SeasonalDecomposition(values, periods: periods, seasonalWindow: window)
    for (place, period) in decomposition.periods.enumerated() where place >= keeping {
      patterns.append((period, decomposition.seasons[place]))
    }
  }

  /// The series without the seasons.
  func adjusting(_ values: [Double]) -> [Double] {
    var answer = values
    for (_, season) in patterns {
      for index in answer.indices { answer[index] -= season[index] }
    }
    return answer
  }

  /// A forecast with the seasons as they were in the period before its origin (or, too early for that, the first).
  func extending(_ forecast: [Double], from origin: Int) -> [Double] {
    var answer = forecast
    for (period, season) in patterns {
      for step in answer.indices {
        var place = origin - period + step % period
        if place < 0 { place += period }
        answer[step] += season[place]
      }
    }
    return answer
  }
}
