import Analytics
import Glibc
import Testing

@Suite struct `Correlation with lags` {
  private func series(_ numbers: inout SeededNumbers, memory: Double) -> [Double] {
    var value = 0.0
    return (0..<200).map { t in
      value = memory * value + numbers.normal()
      return value + sin(2 * .pi * Double(t) / 7)
    }
  }

  @Test(arguments: [-5, 0, 4])
  func `the lag of a shared movement is found, on either side`(lag: Int) throws {
    var numbers = SeededNumbers(3)
    let leader = series(&numbers, memory: 0.3)
    let noise = series(&numbers, memory: 0.3)
    let target = (0..<200).map { t in 0.7 * (leader.indices.contains(t - lag) ? leader[t - lag] : 0) + noise[t] }
    let found = try LaggedCorrelation(leader: leader, target: target)
    let strongest = try #require(found.strongest)
    #expect(strongest.lag == lag)
    #expect(strongest.correlation > 0.3)
    #expect(strongest.adjustedProbability < 0.001)
  }

  @Test func `random walks that share nothing rarely look related`() throws {
    var found = 0
    for seed in 1...60 {
      var numbers = SeededNumbers(seed)
      let pair = (series(&numbers, memory: 1), series(&numbers, memory: 1))
      let correlation = try LaggedCorrelation(leader: pair.0, target: pair.1)
      if correlation.lags.contains(where: { $0.adjustedProbability < 0.05 }) { found += 1 }
      #expect(correlation.effectiveObservations < 60)
    }
    #expect(found <= 8, "of 60")
  }

  @Test func `series without memory are worth about their length`() throws {
    var numbers = SeededNumbers(8)
    let pair = ((0..<200).map { _ in numbers.normal() }, (0..<200).map { _ in numbers.normal() })
    #expect(try LaggedCorrelation(leader: pair.0, target: pair.1).effectiveObservations > 150)
  }

  @Test func `a correlation that comes from a third series is gone once that is held fixed`() throws {
    var numbers = SeededNumbers(4)
    let third = (0..<100).map { _ in numbers.normal() }
    let one = third.map { $0 + 0.3 * numbers.normal() }
    let other = third.map { $0 + 0.3 * numbers.normal() }
    let plain = try #require(LaggedCorrelation.partial(one, other, given: []))
    let partial = try #require(LaggedCorrelation.partial(one, other, given: [third]))
    #expect(plain.correlation > 0.8 && plain.probability < 1e-10)
    #expect(abs(partial.correlation) < 0.25 && partial.probability > 0.01)
    #expect(LaggedCorrelation.partial(third, other, given: [third]) == nil)
    #expect(LaggedCorrelation.partial([1, 2], [1], given: []) == nil)
  }

  @Test func `pairs that cannot be looked at are refused`() {
    let long = (0..<100).map { Double($0 % 11) }
    #expect(throws: DriverFault.tooShort(count: 5, needed: 30)) {
      try LaggedCorrelation(leader: [1, 2, 3, 4, 5], target: [1, 2, 3, 4, 5])
    }
    #expect(throws: DriverFault.unequalLength(name: "leader", count: 99, wanted: 100)) {
      try LaggedCorrelation(leader: Array(long.dropLast()), target: long)
    }
    #expect(throws: DriverFault.constantTarget) {
      try LaggedCorrelation(leader: long, target: [Double](repeating: 2, count: 100))
    }
  }

  @Test func `false discoveries are adjusted as in the example of Benjamini and Hochberg`() {
    let probabilities = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    ]
    let padded = probabilities + [0.6528, 0.7590, 1.0]
    let adjusted = FalseDiscovery.adjusted(padded)
    #expect(adjusted.count { $0 <= 0.05 } == 4)
    #expect(abs(adjusted[0] - 0.0015) < 1e-12)
    #expect(abs(adjusted[3] - 0.035625) < 1e-12)
    let any = FalseDiscovery.adjusted(padded, dependence: .any)
    for (strict, usual) in zip(any, adjusted) { #expect(strict >= usual && strict <= 1) }
    #expect(FalseDiscovery.adjusted([]) == [])
    #expect(FalseDiscovery.adjusted([.nan, 0.01])[0] == 1)
  }
}
