import Testing

@testable import Analytics

/// Series of every odd shape, from a seed: none may trap, and every answer is finite.
@Suite struct `Odd series` {
  static func series(_ seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    let count = Int.random(in: 0...90, using: &generator)
    let size: Double = [1e-9, 1, 1e4, 1e14][Int.random(in: 0...3, using: &generator)]
    let shape = Int.random(in: 0...6, using: &generator)
    let gaps: Double = [0, 0, 0.1, 0.6][Int.random(in: 0...3, using: &generator)]
    let noise = MadeSeries.noise(count, seed: seed)
    return noise.enumerated().map { index, value in
      if Double.random(in: 0..<1, using: &generator) < gaps { return .nan }
      return switch shape {
      case 0: size * value
      case 1: size * abs(value)
      case 2: value > 1 ? size : 0
      case 3: size * Double(index * index)
      case 4: index == count / 2 ? size : 0
      case 5: size
      default: size * (100 + Double(index % 7) + 0.01 * value)
      }
    }
  }

  @Test(arguments: 0..<10)
  func `are forecast with finite numbers or refused by name`(_ block: Int) throws {
    for seed in (block * 15)..<(block * 15 + 15) {
      let values = Self.series(UInt64(seed))
      do {
        let forecast = try Forecaster().forecast(values, periods: [7, 30], horizon: 9)
        var generator = SeededGenerator(seed: 1)
        let futures = forecast.futures(50, using: &generator)
        #expect(forecast.mean.allSatisfy { $0.isFinite }, "seed \(seed)")
        #expect(forecast.interval(0.95).allSatisfy { $0.lowerBound.isFinite && $0.upperBound.isFinite }, "seed \(seed)")
        #expect(futures.measures(.sum).allSatisfy { $0.isFinite }, "seed \(seed)")
      } catch {
        #expect(values.count { !$0.isNaN } < Forecaster.minimumCount, "seed \(seed): \(error)")
      }
    }
  }

  @Test(arguments: 0..<10)
  func `are searched with finite scores or refused by name`(_ block: Int) throws {
    for seed in (block * 30)..<(block * 30 + 30) {
      let values = Self.series(UInt64(seed))
      var stream = StreamDetector(period: 12)
      let scores = values.map { stream.observe($0).score }
      #expect(scores.allSatisfy { $0.isFinite }, "seed \(seed)")
      do {
        let report = try AnomalyDetector().detect(values, candidatePeriods: [7])
        #expect(report.scores.count == values.count && report.scores.allSatisfy { $0.isFinite }, "seed \(seed)")
        #expect(report.expected.count == values.count && report.expected.allSatisfy { $0.isFinite }, "seed \(seed)")
        #expect(report.findings.allSatisfy { (0...$0.end).contains($0.start) && $0.end < values.count })
        let changes = try ChangePoints.find(values, candidatePeriods: [7])
        #expect(changes.allSatisfy { values.indices.contains($0) })
      } catch {
        #expect(values.count { !$0.isNaN } < AnomalyDetector.minimumCount, "seed \(seed): \(error)")
      }
    }
  }
}
