import Foundation
import Testing

@testable import Analytics

@Suite struct `Forecasting` {
  struct Bad: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var values: [Double]
    var horizon = 3
    var fault: ForecastFault
  }

  static let bad = [
    Bad(testDescription: "two points", values: [1, 2], fault: .tooLittleHistory(known: 2, needed: 4)),
    Bad(
      testDescription: "all missing",
      values: [Double](repeating: .nan, count: 30),
      fault: .tooLittleHistory(known: 0, needed: 4)
    ),
    Bad(testDescription: "nothing", values: [], fault: .tooLittleHistory(known: 0, needed: 4)),
    Bad(testDescription: "an infinite value", values: [1, 2, .infinity, 3, 4], fault: .infiniteValue(index: 2)),
    Bad(testDescription: "no horizon", values: [1, 2, 3, 4, 5], horizon: 0, fault: .horizonOutOfRange(0)),
    Bad(testDescription: "a far horizon", values: [1, 2, 3, 4, 5], horizon: 1_001, fault: .horizonOutOfRange(1_001)),
    Bad(
      testDescription: "a series without end",
      values: [Double](repeating: 1, count: 200_001),
      fault: .tooLong(count: 200_001)
    ),
  ]

  @Test(arguments: bad)
  func `bad input is named`(_ example: Bad) {
    #expect(throws: example.fault) { try Forecaster().forecast(example.values, horizon: example.horizon) }
    #expect(example.fault.description.count > 20)
  }

  @Test func `a constant series stays, without a band`() throws {
    let forecast = try Forecaster().forecast([Double](repeating: 7, count: 30), periods: [7], horizon: 5)
    #expect(forecast.mean == [7, 7, 7, 7, 7])
    #expect(forecast.interval(0.95).allSatisfy { $0 == 7...7 })
    #expect(forecast.models.isEmpty)
  }

  @Test(arguments: 4...14)
  func `few values give a finite forecast`(_ count: Int) throws {
    let values = MadeSeries.noise(count, seed: UInt64(count)).map { 50 + $0 }
    let forecast = try Forecaster().forecast(values, periods: [7], horizon: 9)
    #expect(forecast.mean.allSatisfy { $0.isFinite && abs($0 - 50) < 15 })
    #expect(forecast.interval(0.8).allSatisfy { $0.lowerBound.isFinite && $0.upperBound.isFinite })
  }

  @Test func `a weekly pattern goes on`() throws {
    let values = MadeSeries.weekly(154, noise: 1)
    let forecast = try Forecaster().forecast(Array(values[..<140]), periods: [7], horizon: 14)
    for (step, value) in forecast.mean.enumerated() { #expect(abs(value - values[140 + step]) < 4) }
    #expect(forecast.models.count == 6)
  }

  @Test func `a trend goes on`() throws {
    let values = zip(0..<100, MadeSeries.noise(100, seed: 4)).map { 20 + 3 * Double($0) + $1 }
    let forecast = try Forecaster().forecast(values, horizon: 10)
    #expect(abs(forecast.mean[9] - (20 + 3 * 109)) < 10)
  }

  @Test func `hours repeat their day and their week`() throws {
    let values = MadeSeries.noise(168 * 5 + 48, seed: 2).enumerated().map { MadeSeries.hour($0) + $1 }
    let forecast = try Forecaster().forecast(Array(values[..<(168 * 5)]), periods: [24, 168], horizon: 48)
    for (step, value) in forecast.mean.enumerated() { #expect(abs(value - values[168 * 5 + step]) < 8) }
  }

  @Test func `missing values are filled and counted, and a wild value is moved`() throws {
    var values = MadeSeries.weekly(140, noise: 1)
    let whole = try Forecaster().forecast(values, periods: [7], horizon: 7)
    for index in [3, 50, 51, 52, 99, 139] { values[index] = .nan }
    values[70] = 900
    let forecast = try Forecaster().forecast(values, periods: [7], horizon: 7)
    #expect(forecast.filled == 6)
    #expect(forecast.moved == 1)
    for (value, other) in zip(forecast.mean, whole.mean) { #expect(abs(value - other) < 3) }
  }

  @Test func `missing values at the beginning are cut off`() throws {
    let values = [Double](repeating: .nan, count: 20) + MadeSeries.weekly(70)
    let forecast = try Forecaster().forecast(values, periods: [7], horizon: 3)
    #expect(forecast.filled == 0)
  }

  @Test func `what was never negative is not forecast to be`() throws {
    let values = (0..<40).map { max(0, 40 - 1.1 * Double($0)) }
    let forecast = try Forecaster().forecast(values, horizon: 20)
    #expect(forecast.isNonnegative)
    #expect(forecast.mean.allSatisfy { $0 >= 0 })
    #expect(forecast.interval(0.95).allSatisfy { $0.lowerBound >= 0 })
  }

  @Test func `the same series gives the same forecast`() throws {
    let values = MadeSeries.weekly(90)
    let first = try Forecaster().forecast(values, periods: [7], horizon: 14)
    let second = try Forecaster().forecast(values, periods: [7], horizon: 14)
    #expect(first.mean == second.mean)
    #expect(first.interval(0.8) == second.interval(0.8))
  }

  @Test func `a wider band holds a narrower one, and both the mean`() throws {
    let forecast = try Forecaster().forecast(MadeSeries.walk(80, seed: 6), horizon: 12)
    for (step, value) in forecast.mean.enumerated() {
      let (narrow, wide) = (forecast.interval(0.5)[step], forecast.interval(0.95)[step])
      #expect(narrow.contains(value))
      #expect(wide.lowerBound <= narrow.lowerBound && narrow.upperBound <= wide.upperBound)
    }
    let widths = forecast.interval(0.8).map { $0.upperBound - $0.lowerBound }
    #expect(widths[11] > widths[0])
  }

  @Test func `bands of 80 percent hold about 80 percent of the futures of random walks and autoregressions`() throws {
    var inside = 0
    var count = 0
    for seed in 1...60 {
      let values =
        seed % 2 == 0
        ? MadeSeries.walk(92, seed: UInt64(seed)) : MadeSeries.autoregression(92, 0.6, seed: UInt64(seed))
      let bands = try Forecaster().forecast(Array(values[..<80]), horizon: 12).interval(0.8)
      inside += bands.indices.count { bands[$0].contains(values[80 + $0]) }
      count += 12
    }
    let share = Double(inside) / Double(count)
    #expect(share > 0.72 && share < 0.9)
  }

  @Test func `exponential smoothing finds the multiplicative season of a growing series`() throws {
    let factors = [0.7, 0.9, 1.1, 1.3]
    let values = zip(0..<60, MadeSeries.noise(60, seed: 8)).map { index, noise in
      (100 + 4 * Double(index)) * factors[index % 4] * (1 + 0.01 * noise)
    }
    let model = try #require(ExponentialSmoothing.automatic(values, period: 4))
    #expect(model.form.season == .multiplicative)
    let forecast = model.forecasts(from: [60], horizon: 4)[0]
    for step in 0..<4 {
      let expected = (100 + 4 * Double(60 + step)) * factors[step]
      #expect(abs(forecast[step] / expected - 1) < 0.05)
    }
  }

  @Test func `ARIMA of an autoregression returns to its mean`() throws {
    let values = MadeSeries.autoregression(400, 0.5, seed: 11).map { 30 + $0 }
    let model = try #require(SeasonalARIMA.automatic(values, period: 1, seasonalStrength: 0))
    #expect(model.differences == 0)
    let forecast = model.forecasts(from: [400], horizon: 60)[0]
    #expect(abs(forecast[59] - 30) < 1)
    #expect(abs(forecast[0] - 30 - 0.5 * (values[399] - 30)) < 0.8)
  }

  @Test func `ARIMA differences a random walk once`() throws {
    let model = try #require(SeasonalARIMA.automatic(MadeSeries.walk(200, seed: 12), period: 1, seasonalStrength: 0))
    #expect(model.differences == 1)
  }

  @Test func `forecasts from an earlier origin do not see what followed`() throws {
    let values = MadeSeries.weekly(80)
    var changed = values
    for index in 60..<80 { changed[index] += 40 }
    // The same parameters on both series: only the state may differ, and before the change it does not.
    let model = try #require(ExponentialSmoothing.automatic(values, period: 7))
    let other = ExponentialSmoothing(
      values: changed,
      form: model.form,
      period: model.period,
      parameters: model.parameters,
      season: model.season,
      criterion: model.criterion
    )
    #expect(model.forecasts(from: [40, 60], horizon: 5) == other.forecasts(from: [40, 60], horizon: 5))
    #expect(model.forecasts(from: [70], horizon: 5) != other.forecasts(from: [70], horizon: 5))
  }

  @Test func `Theta and complex smoothing follow a line and a season`() throws {
    let line = (0..<48).map { 10 + 2 * Double($0) }
    let theta = try #require(DynamicTheta(line, period: 1)).forecasts(from: [48], horizon: 3)[0]
    #expect(abs(theta[2] - 110) < 6)
    let weekly = MadeSeries.weekly(84, noise: 0.5)
    let complex = try #require(ComplexSmoothing.automatic(weekly, period: 7)).forecasts(from: [84], horizon: 7)[0]
    for step in 0..<7 { #expect(abs(complex[step] - weekly[77 + step]) < 5) }
  }
}
