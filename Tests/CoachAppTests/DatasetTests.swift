import CoachAPI
import CoachVocabulary
import DataImport
import Declarations
import FoundationEssentials
import HTTPClientKit
import Testing

@testable import CoachApp

@Suite struct DatasetTests {
  private static let orders = """
    Order ID,Order Date,Customer,Country,Net Amount,Units
    1,2025-01-15,Ann,Spain,10.50,1
    2,2025-01-20,Bob,Italy,20.25,2
    3,2025-02-03,Ann,Spain,30.00,3
    4,2025-02-14,Cid,Italy,5.00,4

    """

  /// A serving coach with a data folder of its own.
  private func serving(_ body: (String, HTTPClient, RunningCoach) async throws -> Void) async throws {
    let folder = try PrivateFolder()
    defer { folder.remove() }
    let coach = try await RunningCoach(dataFolder: folder.path)
    let serving = try Serving(coach.application, host: "127.0.0.1", port: 0) { _ in }
    let started = try await serving.start()
    let client = try HTTPClient()
    do {
      try await body("http://127.0.0.1:\(started.port)/api/v1/coach/datasets", client, coach)
    } catch {
      await client.shutdown()
      await serving.stop()
      throw error
    }
    await client.shutdown()
    await serving.stop()
  }

  private func post(
    _ url: String,
    _ body: String,
    _ client: HTTPClient,
    accept: String? = nil
  ) async throws -> (Int, JSONValue, String) {
    let headers = [("Content-Type", "text/csv")] + (accept.map { [("Accept", $0)] } ?? [])
    let answer = try await client.send(HTTPRequest(method: "POST", url: url, headers: headers, body: Array(body.utf8)))
    return (
      answer.status, (try? JSONValue(parsing: answer.body)) ?? .null, String(decoding: answer.body, as: UTF8.self)
    )
  }

  @Test func `a file that is uploaded can be asked right after, with the questions that were tried`() async throws {
    try await serving { url, client, coach in
      let (status, dataset, _) = try await post(url + "?file=Orders%202025.csv", Self.orders, client)
      #expect(status == 201 && dataset["name"] == "orders_2025" && dataset["rows"] == 4, "\(dataset.text)")
      #expect(dataset["domain"] == "orders_2025" && dataset["bytes"]?.intValue == Self.orders.utf8.count)
      let questions = (dataset["questions"]?.arrayValue ?? []).compactMap(\.stringValue)
      #expect(questions.contains("Net amount by month") && questions.count >= 4)
      for question in questions {
        let run = try await coach.application.ask(ChatRequest(message: question, domain: "orders_2025"))
        let reply = try await coach.reply(to: run)
        #expect(reply.outcome == "answer", "\(question): \(reply.text)")
      }
      let run = try await coach.application.ask(ChatRequest(message: "net amount by country", domain: "orders_2025"))
      let reply = try await coach.reply(to: run)
      #expect(reply.answer["rows"] == [["Spain", 40.5], ["Italy", 25.25]])
    }
  }

  @Test func `a new version answers next, an older one comes back, a deleted one is gone`() async throws {
    try await serving { url, client, coach in
      func total() async throws -> JSONValue? {
        let asked = QueryRequest(question: "total units", domain: "orders")
        return try JSONValue(parsing: try await coach.application.query(asked))["rows"]
      }
      _ = try await post(url + "?name=orders", Self.orders, client)
      let first = try await total()
      #expect(first == [[10]])
      let (_, second, _) = try await post(
        url + "?name=orders",
        Self.orders + "5,2025-03-01,Ann,Spain,1.00,90\n",
        client
      )
      #expect(second["version"] == 2)
      let later = try await total()
      #expect(later == [[100]])
      let (restored, _, _) = try await post(url + "/orders/restore?version=1", "", client)
      let back = try await total()
      #expect(restored == 200 && back == [[10]])
      let (deleted, _, _) = try await post(url + "/orders/delete", "", client)
      #expect(deleted == 200)
      await #expect(throws: CoachProblem.self) {
        try await coach.application.query(QueryRequest(question: "total units", domain: "orders"))
      }
      let all = try await coach.application.datasets(all: true)["datasets"]?.arrayValue ?? []
      #expect(all.count == 2 && all.contains { $0["deleted_at"] != nil })
    }
  }

  @Test func `what cannot be imported is refused with its rows`() async throws {
    try await serving { url, client, _ in
      let (status, problem, _) = try await post(url + "?file=bad.csv", "a,b\n1,2\n3\n4\n", client)
      #expect(status == 422 && problem["code"] == "too_many_faults")
      #expect(problem["faults"]?.arrayValue?.first?["row"] == 3)
      let (empty, _, _) = try await post(url, "", client)
      #expect(empty == 400)
      let (name, named, _) = try await post(url + "?name=---", Self.orders, client)
      #expect(name == 422 && named["code"] == "bad_name")
      let (unknown, missing, _) = try await post(url + "/nothing/delete", "", client)
      #expect(unknown == 404 && missing["code"] == "unknown_dataset")
    }
  }

  @Test func `an import tells how far it is`() async throws {
    try await serving { url, client, _ in
      let (status, _, text) = try await post(url + "?name=orders", Self.orders, client, accept: "text/event-stream")
      #expect(status == 200 && text.contains("event: progress") && text.contains("event: dataset"), "\(text)")
    }
  }

  @Test func `imported data is there after a restart, with the domain file as a person left it`() async throws {
    let folder = try PrivateFolder()
    defer { folder.remove() }
    let file = folder.file("orders.csv")
    try Data(Self.orders.utf8).write(to: URL(filePath: file))
    let first = try await RunningCoach(dataFolder: folder.path)
    let data = ImportedData(first.application.installation, surroundings: first.application.surroundings)
    let imported = try await data.importFile(file, name: nil, source: nil)
    await first.application.shutdown()
    let path = try #require(imported.domainFile)
    let corrected = try String(contentsOfFile: path, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.contains("name: net_amount") ? $0.split(separator: "synonyms:")[0] + "synonyms: [turnover]}" : $0 }
      .joined(separator: "\n")
    try Data(corrected.utf8).write(to: URL(filePath: path))
    let again = try await data.importFile(file, name: nil, source: nil)
    #expect(again.dataset.version == 2 && again.problem == nil)
    let second = try await RunningCoach(dataFolder: folder.path)
    let run = try await second.application.ask(ChatRequest(message: "turnover by country", domain: "orders"))
    let reply = try await second.reply(to: run)
    await second.application.shutdown()
    #expect(reply.outcome == "answer", "\(reply.text)")
  }

  @Test func `the demo company can be drafted from its tables`() async throws {
    let draft = try await DomainDrafting.draft(ofDatabase: Shipped.database, name: "drafted", tables: nil)
    #expect(draft.questions.count >= 4 && draft.gaps > 5)
    await #expect(throws: StartFailure.self) {
      try await DomainDrafting.draft(ofDatabase: "/nowhere.sqlite", name: nil, tables: nil)
    }
  }
}
