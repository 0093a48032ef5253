import CoachVocabulary
import SemanticLayer
import Testing

@testable import CoachAgents

@Suite struct `Sentences about groups, tests and growth` {
  private func frame(_ metric: String, by dimensions: [String] = []) -> Frame {
    var frame = Frame()
    frame.metrics = [metric]
    frame.dimensions = dimensions
    frame.time = Shop.may
    return frame
  }

  @Test func `counted groups say what they had`() throws {
    var frame = frame("orders", by: ["city"])
    frame.countsGroups = true
    #expect(try Shop.text(frame, [[3]]).hasPrefix("3 cities had "))
    frame.conditions = [MetricCondition(metric: "orders", relation: .above, value: 50)]
    let text = try Shop.text(frame, [[1]])
    #expect(text.hasPrefix("1 city had ") && text.contains("above 50"))
  }

  @Test func `missing groups are named, or said not to exist`() throws {
    var frame = frame("orders", by: ["city"])
    frame.isAbsent = true
    // The shop's orders record their city themselves, so only the words are tried here.
    func text(_ rows: [[JSONValue]]) throws -> String {
      let columns = [Shop.column("City", .dimension)]
      return AnswerWriter(
        model: try Shop.model(),
        asOf: Shop.asOf,
        frame: frame,
        columns: columns,
        rows: rows,
        totalRows: nil
      ).text
    }
    #expect(try text([["Ulm"], ["Bonn"]]).contains("2 cities had no "))
    #expect(try text([["Ulm"], ["Bonn"]]).hasSuffix("Ulm and Bonn."))
    #expect(try text([]).hasPrefix("Every city had "))
  }

  @Test(arguments: [
    (MetricCondition.Relation.above, 10.0, "No: "), (.atLeast, 10, "Yes: "), (.below, 10, "No: "), (.atMost, 10, "Yes: "),
    (.equal, 10, "Yes: "),
  ])
  func `a yes-or-no question is answered by the number`(
    _ relation: MetricCondition.Relation,
    _ value: Double,
    _ opening: String
  ) throws {
    var frame = frame("orders")
    frame.test = MetricCondition(metric: "orders", relation: relation, value: value)
    #expect(try Shop.text(frame, [[10]]).hasPrefix(opening))
  }

  @Test func `the second of a ranking is not called the first`() throws {
    var frame = frame("orders", by: ["city"])
    frame.order = FrameOrder(by: .metric("orders"), descending: true)
    frame.limit = 1
    frame.offset = 1
    #expect(try Shop.text(frame, [["Ulm", 7]]).contains("second most"))
  }

  @Test func `growth names the highest and the lowest change`() throws {
    var frame = frame("orders")
    frame.grain = .week
    frame.comparison = BusinessCalendar(asOf: Shop.asOf).previousBucket(.week, in: frame.time)
    let text = try Shop.text(
      frame,
      [["2026-05-04", 10, 8, 2, 25], ["2026-05-11", 5, 10, -5, -50], ["2026-05-18", 6, 5, 1, 20]]
    )
    #expect(text.contains("Against the week before"))
    #expect(text.contains("+25") && text.contains("50"))
  }

  @Test func `a running total says what it reached`() throws {
    var frame = frame("orders")
    frame.grain = .week
    frame.window = .running
    #expect(try Shop.text(frame, [["2026-05-04", 10], ["2026-05-11", 15]]).contains("reached 15"))
  }
}
