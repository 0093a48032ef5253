import CoachVocabulary
import FoundationEssentials
import Questions
import SemanticLayer
import Templates
import Testing

@testable import CoachAgents

@Suite struct DemoAnswerTests {
  private func frame(_ question: String, in domain: Domain) throws -> Frame {
    let parsed = domain.parser(asOf: domain.asOf(now: .now)).parse(question)
    switch parsed.outcome {
    case .sure(let frame), .investigate(.some(let frame)): return frame
    default: throw JSONFailure(message: "'\(question)' was read as \(parsed.outcome)")
    }
  }

  @Test func `every suggestion is understood, allowed and gives rows`() async throws {
    let domain = try await Demo.domain()
    let parser = domain.parser(asOf: domain.asOf(now: .now))
    var tried = 0
    for starter in domain.model.language.starters {
      let frame = try frame(starter, in: domain)
      let suggestions = Suggestions(domain: domain, parser: parser).after(frame)
      #expect(!suggestions.isEmpty, "\(starter)")
      #expect(suggestions.count <= 3)
      for suggestion in suggestions {
        guard case .sure(let next) = parser.parse(suggestion, after: frame).outcome else {
          Issue.record("'\(suggestion)' after '\(starter)' is not understood")
          continue
        }
        #expect(next != frame)
        _ = try await domain.run(try parser.compiler.compile(next))
        tried += 1
      }
    }
    #expect(tried > 20)
  }

  @Test func `prompts get every name they may use, also where there is no value`() async throws {
    let domain = try await Demo.domain()
    let inputs = SQLPromptInputs(domain: domain).values(
      question: "What?",
      asOf: Shop.asOf,
      refusal: "",
      previousError: nil,
      history: (1...14).map { "question \($0)" }
    )
    #expect(inputs["dialect"] == "sqlite")
    #expect(inputs["previous_error"] == .null)
    #expect(inputs["history"]?.arrayValue?.count == 10)
    #expect(inputs["history"]?.arrayValue?.last == "question 14")
    for metric in inputs["metrics"]?.arrayValue ?? [] {
      #expect(Set(metric.objectValue?.keys ?? [:].keys) == ["name", "label", "expression", "unit"])
    }
    let tables = (inputs["schema"]?.arrayValue ?? []).compactMap { $0["table"]?.stringValue }
    #expect(tables.sorted() == domain.model.datasets.map(\.table).sorted())
    let unitless = Shop.column("City", .dimension)
    #expect(unitless.promptMembers == ["label": "City", "unit": nil])
  }
}
