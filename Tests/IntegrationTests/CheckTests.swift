import CoachVocabulary
import Testing

@Suite(.timeLimit(.minutes(2)))
struct CheckTests {
  @Test func `the shipped declarations have no error`() async throws {
    let result = try await Coach.withoutData().run("check")
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
    #expect(result.errors == "no errors\n")
  }

  @Test func `every fault is found in one go, each with its file and line`() async throws {
    let (coach, places) = try Self.faultyProject()
    let result = try await coach.run("check")
    #expect(result.status == 1)
    let lines = result.output.split(separator: "\n")
    for place in places { #expect(lines.contains { $0.hasPrefix("\(place): error: ") }, "\(place) in \(lines)") }
    for line in lines { #expect(line.wholeMatch(of: #/[^:]+:[0-9]+: (error|warning): .+/#) != nil, "\(line)") }
  }

  @Test func `as JSON each finding has its place`() async throws {
    let (coach, places) = try Self.faultyProject()
    let result = try await coach.run("check", "--json")
    #expect(result.status == 1)
    let findings = try result.json().arrayValue ?? []
    let found = findings.filter { $0["severity"] == "error" }.map {
      "\($0["file"]?.stringValue ?? ""):\($0["line"]?.intValue ?? 0)"
    }
    for place in places { #expect(found.contains(place)) }
    for finding in findings {
      #expect(finding["message"]?.stringValue?.isEmpty == false)
      #expect((finding["column"]?.intValue ?? 0) >= 1)
    }
  }

  @Test func `a file that is no YAML stops a question with its place`() async throws {
    let project = try ProjectCopy()
    let line = try project.replace("week_start: monday", with: "week_start: [monday", in: "config/domains/dealer.yaml")
    var coach = try await Coach.withDemo()
    coach.project = project
    let result = try await coach.run("ask", "What was revenue last month?")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    let place = try #require(result.errors.firstMatch(of: #/config/domains/dealer\.yaml:([0-9]+): error: /#))
    #expect(abs((Int(place.1) ?? 0) - line) <= 1)
  }

  @Test func `a folder without declarations is said to be one`() async throws {
    var coach = try Coach.withoutData()
    coach.environment = ["COACH_ROOT": coach.folder.file("nowhere")]
    let result = try await coach.run("check")
    #expect(result.status == 1)
    #expect(result.output.contains("there is no such folder"))
  }

  /// A project with one fault in each kind of file, and where they are.
  private static func faultyProject() throws -> (Coach, places: [String]) {
    let project = try ProjectCopy()
    let faults = [
      ("config/domains/dealer.yaml", "week_start: monday", "week_start: moonday"),
      ("config/models.yaml", "tier: local ", "tier: lokal "),
      ("config/server.yaml", "row_limit: 1000", "row_limit: many"),
      ("graphs/coach.yaml", "{from: parse, to: clarify,", "{from: parse, to: klarify,"),
      ("agents/sql_generator.yaml", "max_output_tokens: 800", "max_output_tokens: -1"),
    ]
    let places = try faults.map { file, old, new in "\(file):\(try project.replace(old, with: new, in: file))" }
    var coach = try Coach.withoutData()
    coach.project = project
    return (coach, places)
  }
}
