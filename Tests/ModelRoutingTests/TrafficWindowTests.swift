import ConcurrencyKit
import Testing

@testable import ModelRouting

@Suite struct TrafficWindowTests {
  /// Runs scores through a window as calls of many conversations; gives the share that went to the local tier.
  private func localShare(of scores: [Double], _ policy: RoutingPolicy, start: [Double] = [0, 0.5, 1]) -> Double {
    var window = TrafficWindow(start: start)
    var clouds = 0
    for (index, score) in scores.enumerated() {
      let place = RoutingDecision.place(of: "session \(index)")
      let level = policy.level(at: window.standing(of: score, tie: place, localShare: policy.localShare))
      let isCloud =
        switch (level, policy.moderate) {
        case (.simple, _), (.moderate, .local): false
        case (.complex, _), (.moderate, .cloud): true
        case (.moderate, .split): RoutingDecision.isInCloudShare("other \(index)", share: policy.moderateCloudShare)
        }
      if isCloud { clouds += 1 }
      window.add(score, toCloud: isCloud)
    }
    return 1 - Double(clouds) / Double(scores.count)
  }

  private func random(_ count: Int, _ shape: (Double) -> Double) -> [Double] {
    var random = SplitMix64(seed: 5)
    return (0..<count).map { _ in shape(Double(random.next() >> 11) / 9_007_199_254_740_992) }
  }

  @Test(arguments: ModeratePolicy.allCases, [0.5, 0.7, 0.9])
  func `the local share holds within two points whatever the scores are`(moderate: ModeratePolicy, share: Double) {
    let policy = RoutingPolicy(localShare: share, moderate: moderate)
    let traffics: [(String, [Double])] = [
      ("even", random(2_000) { $0 }), ("low", random(2_000) { $0 * $0 * $0 * 0.01 }),
      ("equal", [Double](repeating: 0.3, count: 2_000)), ("few values", random(2_000) { ($0 * 4).rounded() / 4 }),
      ("shifting", random(1_000) { $0 * 0.5 } + random(1_000) { 0.5 + $0 * 0.5 }),
    ]
    for (name, scores) in traffics {
      let found = localShare(of: scores, policy)
      #expect(abs(found - share) <= 0.02, "\(name): \(found)")
    }
  }

  @Test(arguments: [0.0, 1.0])
  func `all and nothing are shares too`(share: Double) {
    let policy = RoutingPolicy(localShare: share, moderate: .split)
    #expect(localShare(of: random(300) { $0 }, policy) == share)
  }

  @Test func `it keeps the newest scores and forgets the rest`() {
    var window = TrafficWindow(start: [0, 0.5, 1])
    for _ in 0..<TrafficWindow.capacity { window.add(0.2, toCloud: true) }
    for _ in 0..<TrafficWindow.capacity { window.add(0.8, toCloud: false) }
    #expect(window.callCount == TrafficWindow.capacity)
    #expect(window.cloudCount == 0)
    #expect(window.standing(of: 0.5, tie: 0, localShare: 0.7).position == 0)
    #expect(window.standing(of: 0.9, tie: 0, localShare: 0.7).position > 0.99)
  }

  @Test func `its text gives it back, and other text nothing`() throws {
    var window = TrafficWindow(start: [0, 0.5, 1])
    for (index, score) in random(1_500, { $0 }).enumerated() { window.add(score, toCloud: index % 3 == 0) }
    let read = try #require(TrafficWindow(parsing: window.text))
    #expect(read.text == window.text)
    #expect(read.callCount == window.callCount && read.cloudCount == window.cloudCount)
    for score in [0.1, 0.5, 0.9] {
      #expect(
        read.standing(of: score, tie: 0.5, localShare: 0.7) == window.standing(of: score, tie: 0.5, localShare: 0.7)
      )
    }
    let wrong = [
      "", "{}", #"{"scores": [0.5], "routes": []}"#, #"{"scores": [7], "routes": [0]}"#,
      #"{"scores": [0.5], "routes": [9]}"#, #"{"scores": ["a"], "routes": [0]}"#,
    ]
    for text in wrong { #expect(TrafficWindow(parsing: text) == nil, "\(text)") }
  }

  @Test func `the moderate lie between the simple and the complex`() {
    let policy = RoutingPolicy(moderate: .split)
    func level(_ position: Double, warm: Bool? = nil) -> ComplexityLevel {
      policy.level(at: TrafficWindow.Standing(position: position, shift: 0), warmTier: warm)
    }
    #expect([0.1, 0.59, 0.61, 0.79, 0.81].map { level($0) } == [.simple, .simple, .moderate, .moderate, .complex])
    // A warm conversation stays where it was, near a cut.
    #expect(level(0.79, warm: true) == .complex)
    #expect(level(0.81, warm: false) == .moderate)
    #expect(level(0.75, warm: true) == .moderate)
  }
}
