import CoachAPI
import CoachVocabulary
import HTTPClientKit
import Testing

@Suite struct `A chat answered as JSON` {
  @Test func `the data of the answer event is the body`() async throws {
    let served = try ServedCoach()
    let answer = try await served.chat()
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "application/json")
    #expect(answer.json == FakeCoach.answer)
    await served.stop()
  }

  @Test func `the coach is handed the message, the session and the domain`() async throws {
    let served = try ServedCoach()
    _ = try await served.chat(
      ##"{"message": " \n Umsatz in Köln? 🚗\t", "session_id": "session-1", "domain": "dealer", "more": [1, {"a": null}]}"##
    )
    _ = try await served.chat(#"{"message": "x", "session_id": null, "domain": ""}"#)
    let expected = [
      ChatRequest(message: "Umsatz in Köln? 🚗", sessionID: "session-1", domain: "dealer"), ChatRequest(message: "x"),
    ]
    #expect(served.coach.seen.asked == expected)
    await served.stop()
  }

  @Test func `a message of 4,000 characters is taken and one more is not`() async throws {
    let served = try ServedCoach()
    let fits = try await served.chat(#"{"message": "\#(String(repeating: "é", count: 4_000))"}"#)
    #expect(fits.status == 200)
    let tooLong = try await served.chat(#"{"message": "\#(String(repeating: "é", count: 4_001))"}"#)
    #expect(tooLong.status == 422)
    #expect(tooLong.code == "message_too_long")
    #expect(tooLong.json["field"] == "message")
    await served.stop()
  }

  struct Failure: Sendable, CustomTestStringConvertible {
    let name: String
    let events: [(type: String, data: JSONValue)]
    let status: Int
    let code: String
    var testDescription: String { name }
  }

  static let answered = (type: CoachEvent.answer, data: FakeCoach.answer)
  static let failures = [
    Failure(
      name: "stopped",
      events: [(CoachEvent.runFinished, ["outcome": "stopped"])],
      status: 409,
      code: "stopped"
    ),
    Failure(
      name: "too slow",
      events: [(CoachEvent.runFailed, ["code": "time_limit", "detail": "It took too long."])],
      status: 504,
      code: "time_limit"
    ),
    Failure(
      name: "no model",
      events: [(CoachEvent.runFailed, ["code": "model_unavailable", "detail": "No model answers."])],
      status: 503,
      code: "model_unavailable"
    ),
    Failure(
      name: "a code without a status",
      events: [(CoachEvent.runFailed, ["code": "odd", "detail": "Odd."])],
      status: 500,
      code: "odd"
    ),
    Failure(name: "no event at all", events: [], status: 500, code: "internal"),
    Failure(
      name: "finished without an answer",
      events: [(CoachEvent.runFinished, ["outcome": "answer"])],
      status: 500,
      code: "internal"
    ),
    Failure(
      name: "failed after its answer",
      events: [answered, (CoachEvent.runFailed, ["code": "database_missing", "detail": "The file is gone."])],
      status: 503,
      code: "database_missing"
    ),
  ]

  @Test(arguments: failures)
  func `a run without an answer is a problem`(_ failure: Failure) async throws {
    let events = failure.events.enumerated().map {
      CoachEvent(sequence: $0.offset + 1, type: $0.element.type, data: $0.element.data)
    }
    let served = try ServedCoach(FakeCoach(events: events))
    let answer = try await served.chat()
    #expect(answer.status == failure.status)
    #expect(answer.headers["content-type"] == "application/problem+json")
    #expect(answer.code == failure.code)
    await served.stop()
  }

  struct Preference: Sendable, CustomTestStringConvertible {
    let accept: String?
    let contentType: String
    var testDescription: String { accept ?? "no Accept" }
  }

  static let json = "application/json"
  static let events = "text/event-stream; charset=utf-8"
  static let problem = "application/problem+json"
  static let preferences = [
    Preference(accept: nil, contentType: json),
    Preference(accept: "*/*", contentType: json),
    Preference(accept: "application/*", contentType: json),
    Preference(accept: "Application/JSON", contentType: json),
    Preference(accept: "text/event-stream", contentType: events),
    Preference(accept: "text/*", contentType: events),
    Preference(accept: "text/event-stream, */*", contentType: events),
    Preference(accept: "text/event-stream, application/json", contentType: json),
    Preference(accept: "text/event-stream;q=0.5, application/json;q=0.9", contentType: json),
    Preference(accept: "text/event-stream ; q=0.9, application/json;q=0.5", contentType: events),
    Preference(accept: "application/json;q=0, */*", contentType: events),
    Preference(accept: "text/html", contentType: problem),
    Preference(accept: "*/*;q=0", contentType: problem),
  ]

  @Test(arguments: preferences)
  func `Accept chooses between JSON and events`(_ preference: Preference) async throws {
    let served = try ServedCoach()
    let answer = try await served.chat(accept: preference.accept)
    #expect(answer.headers["content-type"] == preference.contentType)
    #expect(answer.status == (preference.contentType == Self.problem ? 406 : 200))
    await served.stop()
  }
}
