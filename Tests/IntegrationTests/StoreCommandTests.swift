import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Testing

/// `coach migrate`, `coach backup` and `coach restore`, as an operator types them.
@Suite(.timeLimit(.minutes(3)))
struct StoreCommandTests {
  private static let revenue = "What was revenue last month?"

  enum Kind: String, CaseIterable, Sendable { case file, server }
  private static let kinds = Kind.allCases.filter { $0 == .file || TemporaryPostgreSQL.isAvailable }

  private static func coach(_ kind: Kind) async throws -> Coach {
    kind == .file ? try await Coach.withDemo() : try await SharedStore().coach()
  }

  @Test(arguments: kinds)
  func `a backup is made beside a server at work, and put back it holds the conversations of then`(
    _ kind: Kind
  ) async throws {
    let coach = try await Self.coach(kind)
    let server = try await ServedCoach(coach)
    let session = try #require(try await server.chat(Self.revenue).json()["session_id"]?.stringValue)
    let before = try await server.get("/api/v1/coach/sessions/\(session)").json()
    let file = coach.folder.file("first.backup")
    let made = try await coach.run("backup", file, "--json")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try made.json()["rows"]?["message"] == 2)

    let again = try await coach.run("backup", file)
    #expect(again.status == 3)
    #expect(again.errors.contains("--force"))
    #expect(try await server.chat("and by region?", session: session).status == 200)

    let held = try await coach.run("restore", file, "--force")
    #expect(held.status == 3, "a server is at work: \(held.output)")
    #expect(try await server.terminate() == .exited(0))
    let refused = try await coach.run("restore", file)
    #expect(refused.status == 3)
    #expect(refused.errors.contains("--force drops it"))
    let restored = try await coach.run("restore", file, "--force", "--json")
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try restored.json()["rows"] == (try made.json()["rows"]))

    let next = try await ServedCoach(coach)
    #expect(try await next.get("/api/v1/coach/sessions/\(session)").json() == before)
    #expect(try await next.chat("and by region?", session: session).status == 200)
  }

  @Test(arguments: kinds)
  func `migrate says which version there is, and changes nothing that is new enough`(_ kind: Kind) async throws {
    let coach = try await Self.coach(kind)
    let tried = try await coach.run("migrate", "--dry-run", "--json").json()
    #expect(tried["version"] == 0)
    #expect(tried["kept"] == false)
    #expect(tried["steps"]?.arrayValue?.count == tried["target"]?.intValue)
    #expect(!FileManager.default.fileExists(atPath: coach.metadata))
    #expect(try await coach.run("migrate").status == 0)
    let done = try await coach.run("migrate", "--json").json()
    #expect(done["version"] == tried["target"])
    #expect(done["steps"] == [])
    #expect(done["backup"] == .null)
    #expect(try await coach.run("ask", Self.revenue).status == 0)
  }

  @Test(arguments: kinds)
  func `data is given out and deleted on the command line, with a proof`(_ kind: Kind) async throws {
    let coach = try await Self.coach(kind)
    #expect(try await coach.run("ask", Self.revenue).status == 0)
    let file = coach.folder.file("all.jsonl")
    #expect(try await coach.run("privacy", "export", "--tenant", "local", "--out", file).status == 0)
    #expect(text(of: file).contains(Self.revenue))
    #expect(try await coach.run("privacy", "export", "--tenant", "local", "--out", file).status == 3)
    #expect(try await coach.run("privacy", "delete", "--tenant", "local").status == 2)
    let deleted = try await coach.run("privacy", "delete", "--tenant", "local", "--yes")
    #expect(deleted.status == 0, "\(deleted.errors)")
    let proof = try deleted.json()
    #expect(proof["remaining"]?.intValue == 0)
    #expect((proof["rows"]?.intValue ?? 0) > 5)
    #expect(try await coach.run("privacy", "export", "--tenant", "local").output == "")
    #expect(try await coach.run("privacy", "expire", "--dry-run").status == 0)
    #expect(try await coach.run("privacy", "audit").status == 0)
    #expect(try await coach.run("ask", Self.revenue).status == 0)
  }

  @Test(arguments: ["migrate", "backup", "restore", "data"])
  func `help of the commands has examples, and a wrong command line is told`(_ command: String) async throws {
    let coach = try Coach.withoutData()
    let help = try await coach.run(command, "--help")
    #expect(help.status == 0)
    #expect(help.output.contains("coach \(command)") && help.output.contains("Examples:"))
    let wrong = try await coach.run(command, "one", "two")
    #expect(wrong.status == 2)
  }
}
