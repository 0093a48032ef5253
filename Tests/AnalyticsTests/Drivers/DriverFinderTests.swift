import Glibc
import Testing

@testable import Analytics

@Suite struct `Drivers of a target` {
  private static let days = 180

  private func walk(_ numbers: inout SeededNumbers, memory: Double) -> [Double] {
    var value = 0.0
    return (0..<Self.days).map { _ in
      value = memory * value + numbers.normal()
      return value
    }
  }

  /// A target with a week, a trend and memory, and candidates of which none or one drives it.
  private func panel(seed: Int, effect: Double, lag: Int) -> DriverPanel {
    var numbers = SeededNumbers(seed)
    let driver = walk(&numbers, memory: 0.5)
    let noise = walk(&numbers, memory: 0.6)
    let target = (0..<Self.days).map { t in
      let season = 2 * sin(2 * .pi * Double(t % 7) / 7) + 0.02 * Double(t)
      return 100 + season + noise[t] + (t >= lag ? effect * driver[t - lag] : 0)
    }
    var candidates = [DriverPanel.Candidate(name: "driver", values: driver)]
    for k in 0..<8 {
      var values = walk(&numbers, memory: k < 3 ? 1 : k < 6 ? 0.9 : 0)
      for t in 0..<Self.days where k % 2 == 0 { values[t] += 3 * sin(2 * .pi * Double(t % 7) / 7) }
      candidates.append(DriverPanel.Candidate(name: "other \(k)", values: values))
    }
    return DriverPanel(target: target, candidates: candidates)
  }

  @Test(arguments: [(1, 0), (2, 3), (3, 14)])
  func `a driver is found with its lag, sign and size`(seed: Int, lag: Int) throws {
    let found = try DriverFinder().drivers(of: panel(seed: seed, effect: -0.8, lag: lag))
    let driver = try #require(found.drivers.first)
    #expect(found.drivers.map(\.name) == ["driver"])
    #expect(driver.lag == lag)
    #expect(driver.sign == -1)
    #expect(abs(driver.effect + 0.8) < 4 * driver.standardError + 0.05)
    #expect(driver.adjustedProbability < 0.001)
    #expect(found.explained > 0.1)
  }

  @Test func `panels without a driver rarely show one`() throws {
    var found = 0
    for seed in 200..<300 where try !DriverFinder().drivers(of: panel(seed: seed, effect: 0, lag: 0)).drivers.isEmpty {
      found += 1
    }
    #expect(found <= 9, "of 100 at a level of 5 %")
  }

  @Test func `what follows the target does not drive it`() throws {
    var sample = panel(seed: 7, effect: 0, lag: 0)
    var numbers = SeededNumbers(9)
    let target = sample.target
    sample.candidates[0].values = (0..<Self.days).map { t in
      (t > 1 ? target[t - 2] : target[0]) + 0.3 * numbers.normal()
    }
    #expect(try DriverFinder().drivers(of: sample).drivers.isEmpty)
  }

  @Test func `gaps do not hide a driver`() throws {
    var sample = panel(seed: 2, effect: 0.9, lag: 3)
    for t in stride(from: 5, to: Self.days, by: 17) {
      sample.target[t] = .nan
      sample.candidates[0].values[(t + 4) % Self.days] = .nan
    }
    #expect(try DriverFinder().drivers(of: sample).drivers.first?.name == "driver")
  }

  @Test func `a series that only repeats its season is told as constant`() throws {
    var sample = panel(seed: 2, effect: 0.9, lag: 3)
    sample.candidates.append(DriverPanel.Candidate(name: "flat", values: [Double](repeating: 4, count: Self.days)))
    sample.candidates.append(
      DriverPanel.Candidate(name: "weekday", values: (0..<Self.days).map { $0 % 7 == 0 ? 1 : 0 })
    )
    let found = try DriverFinder().drivers(of: sample)
    #expect(found.constant == ["flat", "weekday"])
    #expect(found.drivers.map(\.name) == ["driver"])
  }

  @Test func `candidates that were tried before make the same finding weaker`() throws {
    var sample = panel(seed: 2, effect: 0.5, lag: 3)
    let first = try #require(try DriverFinder().drivers(of: sample).drivers.first)
    sample.triedBefore = 90
    let second = try DriverFinder().drivers(of: sample).drivers.first
    #expect((second?.adjustedProbability ?? 1) > first.adjustedProbability)
  }

  @Test func `equal panels give equal answers`() throws {
    let sample = panel(seed: 3, effect: 0.6, lag: 5)
    #expect(try DriverFinder().drivers(of: sample) == DriverFinder().drivers(of: sample))
  }

  @Test func `a panel that cannot be searched is refused with its reason`() {
    let good = panel(seed: 1, effect: 0, lag: 0)
    func fault(_ change: (inout DriverPanel) -> Void) -> DriverFault? {
      var bad = good
      change(&bad)
      do throws(DriverFault) {
        _ = try DriverFinder().drivers(of: bad)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault { $0.candidates = [] } == .noCandidates)
    #expect(fault { $0.target = [1, 2] } == .tooShort(count: 2, needed: 30))
    #expect(fault { $0.candidates[0].values.removeLast() } == .unequalLength(name: "driver", count: 179, wanted: 180))
    #expect(fault { $0.target[4] = .infinity } == .infinite(name: "target", index: 4))
    #expect(fault { $0.target = $0.target.map { _ in 3 } } == .constantTarget)
    #expect(fault { $0.maximumLag = -1 } != nil)
    #expect(fault { $0.season = 0 } != nil)
    #expect(fault { for t in 0..<90 { $0.target[t] = .nan } } == .missing(share: 0.5))
  }

  @Test(arguments: [(12.706, 1.0, 0.05), (2.228, 10, 0.05), (3.169, 10, 0.01), (1.96, 1e6, 0.05), (0, 5, 1)])
  func `tails of Student's distribution are those of the tables`(t: Double, freedom: Double, tails: Double) {
    #expect(abs(DriverStatistics.studentTails(t, freedom: freedom) - tails) < 2e-4)
  }

  @Test func `memory that is taken out leaves white noise`() {
    var numbers = SeededNumbers(5)
    let series = walk(&numbers, memory: 0.7)
    let memory = Memory(series, maximum: 7)
    let white = memory.whitened(series)
    let lagged = zip(white.dropFirst(), white).reduce(0) { $0 + $1.0 * $1.1 } / DriverStatistics.dot(white, white)
    #expect(!memory.coefficients.isEmpty)
    #expect(abs(lagged) < 0.15)
    #expect(abs(white.count + memory.coefficients.count - series.count) == 0)
  }
}
