import Testing

@testable import Analytics

@Suite struct `Detection` {
  private static func report(_ values: [Double]) throws -> AnomalyReport {
    try AnomalyDetector().detect(values, candidatePeriods: [7])
  }

  @Test func `one high day is a point`() throws {
    var values = MadeSeries.weekly(120)
    values[80] += 25
    let findings = try Self.report(values).findings
    #expect(findings.count == 1)
    #expect(findings.first?.kind == .point)
    #expect(findings.first?.start == 80)
    #expect(abs((findings.first?.excess ?? 0) - 25) < 8)
  }

  @Test func `a level that returns is a temporary shift, once`() throws {
    var values = MadeSeries.weekly(150)
    for index in 90..<99 { values[index] -= 12 }
    let findings = try Self.report(values).findings
    #expect(findings.map(\.kind) == [.temporaryShift])
    #expect(abs((findings.first?.start ?? 0) - 90) <= 1)
    #expect(abs((findings.first?.end ?? 0) - 98) <= 1)
  }

  @Test func `a level that stays is announced once, where it begins`() throws {
    let values = MadeSeries.weekly(200).enumerated().map { $0 < 120 ? $1 : $1 + 12 }
    let findings = try Self.report(values).findings
    #expect(findings.map(\.kind) == [.levelShift])
    #expect(abs((findings.first?.start ?? 0) - 120) <= 1)
    #expect(findings.first?.end == 199)
  }

  @Test func `weeks without their pattern are a broken season`() throws {
    var values = MadeSeries.weekly(140, noise: 1.5)
    let noise = MadeSeries.noise(140, seed: 30)
    for index in 84..<94 { values[index] = 100 + 1.5 * noise[index] }
    let findings = try Self.report(values).findings
    #expect(findings.contains { $0.kind == .seasonBreak && abs($0.start - 84) <= 4 })
  }

  @Test func `equal values where nothing repeats are a flat line`() throws {
    var values = MadeSeries.weekly(140)
    for index in 100..<108 { values[index] = values[100] }
    #expect(try Self.report(values).findings.contains { $0.kind == .flatLine && $0.start == 100 && $0.end == 107 })
  }

  @Test func `an outage stands above everything else`() throws {
    var values = MadeSeries.weekly(100)
    values[60] = 0
    let report = try Self.report(values)
    #expect(report.scores.indices.max { report.scores[$0] < report.scores[$1] } == 60)
  }

  @Test func `ordinary weeks raise no alarm`() throws {
    let quiet = try (1...40).count { try Self.report(MadeSeries.weekly(180, seed: UInt64($0))).findings.isEmpty }
    #expect(quiet >= 37)
  }

  @Test func `the season is found where there is one`() throws {
    #expect(try Self.report(MadeSeries.weekly(100)).period == 7)
    #expect(try Self.report(MadeSeries.noise(100, seed: 3)).period == nil)
  }

  @Test func `missing values are no anomaly`() throws {
    var values = MadeSeries.weekly(100)
    for index in 40..<44 { values[index] = .nan }
    let report = try Self.report(values)
    #expect(report.findings.isEmpty)
    #expect(report.scores[41] == 0)
  }

  @Test func `a constant series has no findings, a lone jump in it one`() throws {
    #expect(try Self.report([Double](repeating: 5, count: 60)).findings.isEmpty)
  }

  @Test(arguments: [
    ([1.0, 2], DetectionFault.tooLittleHistory(known: 2, needed: 8)),
    ([Double](repeating: .nan, count: 50), .tooLittleHistory(known: 0, needed: 8)),
    ([1, 2, 3, 4, 5, 6, 7, 8, -Double.infinity], .infiniteValue(index: 8)),
    ([Double](repeating: 1, count: 20_001), .tooLong(count: 20_001)),
  ])
  func `bad input is named`(_ values: [Double], _ fault: DetectionFault) {
    #expect(throws: fault) { try AnomalyDetector().detect(values) }
    #expect(throws: fault) { try ChangePoints.find(values) }
    #expect(fault.description.count > 20)
  }

  // MARK: - Streams

  @Test func `a stream detector alarms at a jump and then keeps silent`() {
    var detector = StreamDetector(period: nil)
    let values = MadeSeries.noise(900, seed: 5).enumerated().map { $0 < 700 ? $1 : $1 + 15 }
    let alarms = values.indices.filter { detector.observe(values[$0]).isAlarm }
    #expect(alarms.contains(700))
    #expect(alarms.count { $0 > 700 && $0 < 740 } == 0)
  }

  @Test func `a stream detector knows the past only`() {
    let values = MadeSeries.weekly(600)
    var (short, long) = (StreamDetector(period: nil), StreamDetector(period: nil))
    let first = values[..<500].map { short.observe($0).score }
    let second = values.map { long.observe($0).score }
    #expect(first == Array(second[..<500]))
  }

  @Test func `a missing value in a stream is no incident`() {
    var detector = StreamDetector(period: nil)
    for value in MadeSeries.noise(400, seed: 2) { _ = detector.observe(value) }
    let verdict = detector.observe(.nan)
    #expect(verdict.score == 0 && !verdict.isAlarm)
  }

  // MARK: - Change points

  @Test func `a change of level and one of trend are found where they are`() throws {
    let noise = MadeSeries.noise(240, seed: 7)
    let level = noise.enumerated().map { $0 < 100 ? $1 : $1 + 5 }
    let found = try ChangePoints.find(level)
    #expect(found.count == 1 && abs((found.first ?? 0) - 100) <= 2)
    let trend = noise.enumerated().map { $1 + ($0 < 120 ? 0 : 0.4 * Double($0 - 120)) }
    let bent = try ChangePoints.find(trend)
    #expect(bent.count == 1 && abs((bent.first ?? 0) - 120) <= 8)
  }

  @Test func `noise, random walks and straight lines have hardly any change`() throws {
    var found = 0
    for seed in 1...20 {
      found += try ChangePoints.find(MadeSeries.noise(150, seed: UInt64(seed))).count
      found += try ChangePoints.find(MadeSeries.walk(150, seed: UInt64(seed))).count
      let noise = MadeSeries.noise(150, seed: UInt64(seed))
      found += try ChangePoints.find(noise.enumerated().map { $1 + 0.2 * Double($0) }).count
    }
    #expect(found <= 6)
    #expect(try ChangePoints.find([Double](repeating: 2, count: 40)) == [])
  }

  @Test func `a season is taken off before changes are sought`() throws {
    let values = MadeSeries.weekly(140).enumerated().map { $0 < 70 ? $1 : $1 + 9 }
    let found = try ChangePoints.find(values, candidatePeriods: [7])
    #expect(found.count == 1 && abs((found.first ?? 0) - 70) <= 2)
  }
}
