import Foundation
import Testing

@testable import Analytics

@Suite struct `Statistics` {
  static let medians: [([Double], Double)] = [
    ([], 0), ([4], 4), ([1, 9], 5), ([3, 1, 2], 2), ([5, 1, 4, 2, 3, 9, 8, 7, 6], 5),
    ([5, 1, 4, 2, 3, 9, 8, 7, 6, 10], 5.5), ([2, 2, 2, 2, 2, 2, 2, 2, 2, 1_000], 2),
  ]

  @Test(arguments: medians)
  func `the median is the middle value`(_ values: [Double], _ median: Double) {
    #expect(Robust.median(values) == median)
  }

  @Test func `the median agrees with sorting`() {
    for count in 9..<60 {
      let values = MadeSeries.noise(count, seed: UInt64(count)).map { ($0 * 4).rounded() }
      #expect(Robust.median(values) == Robust.quantile(ofSorted: values.sorted(), 0.5))
    }
  }

  @Test func `a quantile lies on the line between its neighbours`() {
    #expect(Robust.quantile([10, 20, 30, 40, 50], 0.25) == 20)
    #expect(abs(Robust.quantile([10, 20, 30, 40, 50], 0.9) - 46) < 1e-12)
    #expect(Robust.quantile([10, 20], 2) == 20)
  }

  @Test func `the robust scale of normal values is their standard deviation, outliers or not`() {
    var values = MadeSeries.noise(2_000, seed: 5).map { 3 * $0 }
    #expect(abs(Robust.scale(values) - 3) < 0.25)
    for index in 0..<100 { values[index] = 1e6 }
    #expect(abs(Robust.scale(values) - 3) < 0.4)
  }

  @Test(arguments: [(0.975, 1.959964), (0.5, 0), (0.01, -2.326348), (0.999, 3.090232)])
  func `normal quantiles are those of the tables`(_ share: Double, _ value: Double) {
    #expect(abs(Distributions.normalQuantile(share) - value) < 1e-5)
    #expect(abs(Distributions.normalShare(below: value) - share) < 1e-5)
  }

  @Test(arguments: [(0.975, 2.776445), (0.9, 1.533206), (0.05, -2.131847), (0.5, 0)])
  func `quantiles of Student's t with 4 degrees of freedom are those of the tables`(_ share: Double, _ value: Double) {
    #expect(abs(Distributions.student4Quantile(share) - value) < 1e-5)
  }

  @Test func `the autocorrelation of an autoregression falls by its coefficient`() {
    let correlations = Autocorrelation.of(MadeSeries.autoregression(5_000, 0.7, seed: 3), upTo: 3)
    #expect(correlations[0] == 1)
    #expect(abs(correlations[1] - 0.7) < 0.05)
    #expect(abs(correlations[2] - 0.49) < 0.06)
    #expect(Autocorrelation.of([3, 3, 3, 3], upTo: 2) == [1, 0, 0])
  }

  @Test func `a decomposition gives back trend and seasons it was made of`() {
    let count = 24 * 7 * 6
    let values = (0..<count).map { MadeSeries.hour($0) + 0.01 * Double($0) }
    let parts = SeasonalDecomposition(values, periods: [24, 168])
    #expect(parts.periods == [24, 168])
    for index in 200..<(count - 200) {
      let seasonal = parts.seasons[0][index] + parts.seasons[1][index]
      #expect(abs(parts.trend[index] + seasonal - values[index]) < 0.5)
      // Two days of seven are 30 lower: the level lies 60/7 below 100.
      #expect(abs(parts.trend[index] - (100 - 60.0 / 7 + 0.01 * Double(index))) < 0.5)
    }
    #expect(parts.seasonalStrength() > 0.9)
  }

  @Test func `a robust decomposition keeps an outlier out of the season`() {
    var values = MadeSeries.weekly(140, noise: 0.5)
    values[70] += 200
    let plain = SeasonalDecomposition(values, periods: [7])
    let robust = SeasonalDecomposition(values, periods: [7], robust: true)
    #expect(abs(robust.remainder[70] - 200) < 5)
    #expect(abs(robust.remainder[70]) > abs(plain.remainder[70]))
  }

  @Test func `noise has no seasonal strength to speak of`() {
    #expect(SeasonalDecomposition(MadeSeries.noise(400, seed: 9), periods: [7]).seasonalStrength() < 0.2)
  }

  @Test func `parts add up to the series`() {
    let values = MadeSeries.weekly(60)
    let parts = SeasonalDecomposition(values, periods: [7], seasonalWindow: 7)
    for index in values.indices {
      #expect(abs(parts.trend[index] + parts.seasons[0][index] + parts.remainder[index] - values[index]) < 1e-9)
    }
  }

  @Test func `a straight line is its own smooth`() {
    let line = (0..<40).map { 3 + 2 * Double($0) }
    for (smooth, value) in zip(Loess.smooth(line, window: 11, weights: nil), line) {
      #expect(abs(smooth - value) < 1e-9)
    }
  }

  @Test func `the test of stationarity tells noise from a random walk`() {
    let accepted = (1...40).count { StationarityTest.accepts(MadeSeries.noise(120, seed: $0)) }
    let walks = (1...40).count { StationarityTest.accepts(MadeSeries.walk(120, seed: $0)) }
    #expect(accepted >= 36)
    #expect(walks <= 6)
    #expect(StationarityTest.accepts([Double](repeating: 4, count: 30)))
  }

  @Test func `a positive definite system is solved, another refused`() throws {
    let solution = try #require(LinearFit.solve([4, 0, 2, 3], [8, 7]))
    #expect(abs(4 * solution[0] + 2 * solution[1] - 8) < 1e-12)
    #expect(abs(2 * solution[0] + 3 * solution[1] - 7) < 1e-12)
    #expect(LinearFit.solve([1, 0, 1, 1], [1, 1]) == nil)
  }

  @Test func `the simplex search finds the bottom of a curved valley`() {
    let found = NelderMead.minimize(from: [-1, 1], steps: [0.5, 0.5], maximumEvaluations: 600, tolerance: 1e-12) {
      point in
      let (x, y) = (point[0], point[1])
      return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)
    }
    #expect(abs(found.point[0] - 1) < 1e-2)
    #expect(abs(found.point[1] - 1) < 2e-2)
  }
}
