import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PageTests {
  /// A Python that is to drive a browser; nil when none is named.
  private static let python = ProcessInfo.processInfo.environment["COACH_PYTHON"]

  @Test(.enabled("COACH_PYTHON names no Python that has the package playwright") { try await drivesBrowser() })
  func `the page works in a real browser and shows the numbers of the tables`() async throws {
    let python = try #require(Self.python)
    let server = try await ServedCoach(try await Coach.withDemo())
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONUNBUFFERED"] = "1"
    let words = [
      "\(Project.root)/Tests/Browser/page_test.py", "--url", server.url,
      "--database", try await DemoDatabase.path(), "--expect-sql", DemoDatabase.lastMonthsRevenueSQL,
    ]
    let browsing = try ChildProcess(
      python,
      words.map { Array($0.utf8) },
      environment: environment,
      leadsGroup: true
    )
    let ending = try await browsing.ending(within: .seconds(240))
    let failures = browsing.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
    #expect(ending == .exited(0), "\(failures)\n\(browsing.errors)")
    #expect(server.process.isRunning)
  }

  private static func drivesBrowser() async throws -> Bool {
    guard let python else { return false }
    let environment = ProcessInfo.processInfo.environment
    let probe = try ChildProcess(python, ["-c", "import playwright"].map { Array($0.utf8) }, environment: environment)
    return try await probe.ending() == .exited(0)
  }
}
