import CoachVocabulary
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DoctorTests {
  @Test func `a folder without data has one problem and the way out of it`() async throws {
    let result = try await Coach.withoutData().run("doctor")
    #expect(result.status == 1)
    let problems = result.output.split(separator: "\n").filter { $0.hasPrefix("[problem]") }
    #expect(problems.count == 1)
    #expect(problems.first?.contains("coach demo") == true)
  }

  @Test func `with data all is well, and models are optional`() async throws {
    let result = try await Coach.withDemo().run("doctor")
    #expect(result.status == 0)
    #expect(result.output.contains("[ok] domain dealer"))
    #expect(result.output.contains("[note] model local: not configured: COACH_LOCAL_URL is not set"))
    #expect(!result.output.contains("[problem]"))
  }

  @Test func `as JSON every finding has a state, a subject and a detail`() async throws {
    let findings = try await Coach.withDemo().run("doctor", "--json").json().arrayValue ?? []
    #expect(findings.count >= 4)
    for finding in findings {
      #expect(["ok", "note", "problem"].contains(finding["state"]?.stringValue))
      #expect(finding["subject"]?.stringValue?.isEmpty == false)
      #expect(finding["detail"]?.stringValue?.isEmpty == false)
    }
  }

  @Test func `a key is never shown`() async throws {
    var coach = try await Coach.withDemo()
    coach.environment = ["OPENAI_API_KEY": "sk-very-secret", "COACH_LOCAL_URL": "http://127.0.0.1:9"]
    let result = try await coach.run("doctor", "--json")
    #expect(result.output.contains("key set"))
    #expect(!(result.output + result.errors).contains("very-secret"))
  }

  @Test func `a fault in a declaration is a problem with its place`() async throws {
    let project = try ProjectCopy()
    let line = try project.replace("week_start: monday", with: "week_start: moonday", in: "config/domains/dealer.yaml")
    var coach = try await Coach.withDemo()
    coach.project = project
    let result = try await coach.run("doctor")
    #expect(result.status == 1)
    #expect(result.output.contains("[problem] config/domains/dealer.yaml:\(line)"))
  }
}
