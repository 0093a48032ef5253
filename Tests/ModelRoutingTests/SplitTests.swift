import CoachVocabulary
import LanguageModel
import Testing

@testable import ModelRouting

@Suite struct SplitTests {
  @Test(arguments: [0.1, 0.3, 0.5, 0.9])
  func `the cloud share of many conversations is the one that was asked for`(share: Double) {
    let chosen = (0..<10_000).count { RoutingDecision.isInCloudShare("01j8zq\($0)", share: share) }
    #expect(abs(Double(chosen) / 10_000 - share) < 0.02)
  }

  @Test func `a conversation always goes the same way, and a larger share only adds to the cloud`() {
    for index in 0..<500 {
      let session = "session \(index)"
      let first = RoutingDecision.isInCloudShare(session, share: 0.4)
      #expect(RoutingDecision.isInCloudShare(session, share: 0.4) == first)
      if first { #expect(RoutingDecision.isInCloudShare(session, share: 0.6)) }
    }
  }

  @Test func `nobody and everybody are shares too`() {
    #expect(!(0..<1_000).contains { RoutingDecision.isInCloudShare("\($0)", share: 0) })
    #expect((0..<1_000).allSatisfy { RoutingDecision.isInCloudShare("\($0)", share: 1) })
  }
}
