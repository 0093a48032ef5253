import CoachAPI
import CoachVocabulary
import HTTPClientKit
import Testing

@Suite struct `A chat that cannot be read` {
  struct Bad: Sendable, CustomTestStringConvertible {
    let name: String
    var body: [UInt8]
    var contentType: String? = "application/json"
    let status: Int
    let code: String
    var field: String?
    var testDescription: String { name }

    init(
      _ name: String,
      _ body: String,
      contentType: String? = "application/json",
      status: Int,
      code: String,
      field: String? = nil
    ) {
      self.name = name
      self.body = Array(body.utf8)
      self.contentType = contentType
      self.status = status
      self.code = code
      self.field = field
    }
  }

  static let good = #"{"message": "hello"}"#
  static let unreadable = [
    Bad("no JSON", "hello", status: 400, code: "invalid_json"),
    Bad("half of it", #"{"message": "hel"#, status: 400, code: "invalid_json"),
    Bad("half a surrogate pair", #"{"message": "\ud83d"}"#, status: 400, code: "invalid_json"),
    Bad("more than one value", good + good, status: 400, code: "invalid_json"),
    Bad("a list", "[]", status: 400, code: "invalid_json"),
    Bad("null", "null", status: 400, code: "invalid_json"),
    Bad("a deep nest", String(repeating: "[", count: 100_000), status: 400, code: "invalid_json"),
    Bad("no message", "{}", status: 400, code: "missing_field", field: "message"),
    Bad("a null message", #"{"message": null}"#, status: 400, code: "wrong_type", field: "message"),
    Bad("a number for a message", #"{"message": 7}"#, status: 400, code: "wrong_type", field: "message"),
    Bad(
      "a list for a session",
      #"{"message": "hello", "session_id": []}"#,
      status: 400,
      code: "wrong_type",
      field: "session_id"
    ),
    Bad("a number for a domain", #"{"message": "a", "domain": 1}"#, status: 400, code: "wrong_type", field: "domain"),
    Bad(
      "a path for a domain",
      #"{"message": "a", "domain": "../x"}"#,
      status: 400,
      code: "bad_domain",
      field: "domain"
    ),
    Bad("a NUL", #"{"message": "a\u0000b"}"#, status: 400, code: "control_character", field: "message"),
    Bad("an empty message", #"{"message": ""}"#, status: 422, code: "empty_message", field: "message"),
    Bad("only white space", #"{"message": " \n\t\u00a0"}"#, status: 422, code: "empty_message", field: "message"),
    Bad("a strange session", #"{"message": "a", "session_id": "a/b"}"#, status: 404, code: "unknown_session"),
    Bad("an empty session", #"{"message": "a", "session_id": ""}"#, status: 404, code: "unknown_session"),
    Bad("no type", good, contentType: nil, status: 415, code: "unsupported_media_type"),
    Bad("a form", good, contentType: "application/x-www-form-urlencoded", status: 415, code: "unsupported_media_type"),
    Bad("plain text", good, contentType: "text/plain", status: 415, code: "unsupported_media_type"),
    Bad("Latin 1", good, contentType: "application/json; charset=latin1", status: 415, code: "unsupported_media_type"),
    Bad("an empty body", "", status: 400, code: "empty_body"),
  ]

  @Test(arguments: unreadable)
  func `it is refused with the field at fault`(_ bad: Bad) async throws {
    let served = try ServedCoach()
    let headers = bad.contentType.map { [("Content-Type", $0)] } ?? [("Content-Type", "")]
    let answer = try await served.send("POST", ServedCoach.chatPath, headers: headers, body: bad.body)
    #expect(answer.status == bad.status)
    #expect(answer.headers["content-type"] == "application/problem+json")
    #expect(answer.code == bad.code)
    #expect(answer.json["field"]?.stringValue == bad.field)
    #expect(served.coach.seen.asked.isEmpty)
    await served.stop()
  }

  @Test(arguments: [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func `bytes that are no UTF-8 are refused`(_ bytes: [UInt8]) async throws {
    let served = try ServedCoach()
    let body = Array(#"{"message": ""#.utf8) + bytes + Array(#""}"#.utf8)
    let answer = try await served.send(
      "POST",
      ServedCoach.chatPath,
      headers: ServedCoach.chatHeaders(nil),
      body: body
    )
    #expect(answer.status == 400)
    #expect(answer.code == "invalid_utf8")
    await served.stop()
  }

  @Test(arguments: ["application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\"", "application/json; v=1"])
  func `JSON may name its encoding`(_ contentType: String) async throws {
    let served = try ServedCoach()
    let headers = [("Content-Type", contentType)]
    let answer = try await served.send("POST", ServedCoach.chatPath, headers: headers, body: Array(Self.good.utf8))
    #expect(answer.status == 200)
    await served.stop()
  }

  @Test func `a body of more than the limit is a problem too`() async throws {
    let served = try ServedCoach()
    let body = #"{"message": "hello", "more": "\#(String(repeating: "a", count: 1 << 20))"}"#
    let answer = try await served.chat(body)
    #expect(answer.status == 413)
    #expect(answer.headers["content-type"] == "application/problem+json")
    #expect(answer.code == "body_too_long")
    #expect(answer.headers["x-request-id"] == ServedCoach.requestID.rawValue)
    #expect(answer.headers["x-content-type-options"] == "nosniff")
    #expect(served.logged == [.init(method: "-", path: "-", status: 413, requestID: ServedCoach.requestID)])
    await served.stop()
  }
}
