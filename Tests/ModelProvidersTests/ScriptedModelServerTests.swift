import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import HTTPClientKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct ScriptedModelServerTests {
  @Test(arguments: [
    "{\"match\": \"a\", \"reply\": \"x\"}\n\n{\"reply\": {\"b\": 1}, \"usage\": false}\n",
    "[{\"match\": \"a\", \"reply\": \"x\"}, {\"reply\": {\"b\": 1}, \"usage\": false}]",
    "{\"exchanges\": [\n{\"match\": \"a\", \"reply\": \"x\"},\n{\"reply\": {\"b\": 1}, \"usage\": false}]}",
  ])
  func `a script is read from lines, from a list and from an object`(text: String) throws {
    let script = try ModelScript(parsing: text)
    #expect(
      script.exchanges == [
        ScriptedExchange(match: "a", reply: "x"), ScriptedExchange(reply: #"{"b":1}"#, usage: .omitted),
      ]
    )
  }

  @Test(arguments: [
    (
      #"{"fault": {"status": 429, "retry_after": 2, "error": "e"}}"#,
      ModelFault.status(429, retryAfter: "2", error: "e")
    ),
    (#"{"fault": {"cut_after": 3}}"#, .cut(afterChunks: 3)),
    (#"{"fault": {"error_after": 0, "error": "e"}}"#, .error(afterChunks: 0, error: "e")),
    (#"{"fault": "malformed"}"#, .malformed), (#"{"fault": "refuse"}"#, .refuse),
    (#"{"fault": "omit_done"}"#, .omitDone), (#"{"fault": "garbage"}"#, .garbage),
    (#"{"fault": {"stall_after": 1}}"#, .stall(afterChunks: 1)),
    (#"{"fault": {"drip_ms": 5}}"#, .drip(every: .milliseconds(5))),
    (#"{"fault": {"endless_bytes": 99}}"#, .endless(bytes: 99)),
  ])
  func `every fault can be written`(text: String, expected: ModelFault) throws {
    #expect(try ModelScript(parsing: text).exchanges.first?.fault == expected)
  }

  @Test(arguments: [
    ("{\"reply\": \"x\"}\nnope", "line 2 of the script is not JSON"), ("[1]", "exchange 1 must be an object"),
    (#"{"repply": 1}"#, "exchange 1 has the unknown member 'repply'"),
    (#"{"fault": "boom"}"#, "'fault' of exchange 1 must be malformed, garbage, refuse, omit_done or an object"),
    (#"{"fault": {"status": 42}}"#, "'fault' of exchange 1 needs status"), (#"{"times": -1}"#, "'times' of exchange 1"),
  ])
  func `a faulty script says where`(text: String, expected: String) {
    let failure = #expect(throws: JSONFailure.self) { try ModelScript(parsing: text) }
    #expect(failure?.message.contains(expected) == true, "\(failure?.message ?? "")")
  }

  @Test func `the first exchange that fits and is not used up is played`() async throws {
    let server = ScriptedModelServer([
      ScriptedExchange(match: "RED", reply: "once"), ScriptedExchange(match: "red", times: 0, reply: "always"),
      ScriptedExchange(reply: "any"),
    ])
    try server.start()
    let client = try HTTPClient()
    func ask(_ text: String) async throws -> String {
      let body: JSONValue = ["model": "m", "messages": [["role": "user", "content": .string(text)]]]
      let response = try await client.send(
        HTTPRequest(method: "POST", url: "\(server.baseURL)/chat/completions", body: Array(body.text.utf8))
      )
      let json = try JSONValue(parsing: response.body)
      return json["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue ?? "\(response.status)"
    }
    var replies: [String] = []
    for text in ["a red one", "red", "red", "blue", "blue"] { replies.append(try await ask(text)) }
    #expect(replies == ["once", "always", "always", "any", "500"])
    #expect(server.requests.map(\.lastUserText) == ["a red one", "red", "red", "blue", "blue"])
    await client.shutdown()
    await server.stop()
  }

  @Test func `a script file is served until the task is cancelled`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString).jsonl")
    try Data(#"{"reply": "x"}"#.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let port = Locked(0)
    let running = Task {
      try await ScriptedModelServer.run(scriptFile: file.path, port: 0) { started in port.withLock { $0 = started } }
    }
    while port.current == 0 { try await Task.sleep(for: .milliseconds(2)) }
    let client = try HTTPClient()
    let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port.current)/v1/models"))
    #expect(response.status == 200)
    #expect(try JSONValue(parsing: response.body)["data"]?.arrayValue?.first?["id"] == "scripted")
    running.cancel()
    try await running.value
    let failure = await #expect(throws: HTTPFailure.self) {
      try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port.current)/v1/models"))
    }
    #expect(failure?.kind == .connectionRefused)
    await client.shutdown()
  }
}
