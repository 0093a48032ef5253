import HTTPClientKit
import Testing

@Suite struct `The event stream parser` {
  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stream: String
    let events: [ServerSentEvent]
  }

  static let examples = [
    Example(testDescription: "plain data", stream: "data: a\n\n", events: [ServerSentEvent(data: "a")]),
    Example(testDescription: "no space", stream: "data:a\n\n", events: [ServerSentEvent(data: "a")]),
    Example(testDescription: "two spaces", stream: "data:  a\n\n", events: [ServerSentEvent(data: " a")]),
    Example(testDescription: "no colon", stream: "data\n\n", events: [ServerSentEvent(data: "")]),
    Example(
      testDescription: "two empty lines of data",
      stream: "data\ndata\n\n",
      events: [ServerSentEvent(data: "\n")]
    ),
    Example(testDescription: "many lines", stream: "data: a\ndata: b\n\n", events: [ServerSentEvent(data: "a\nb")]),
    Example(testDescription: "CRLF", stream: "data: a\r\ndata: b\r\n\r\n", events: [ServerSentEvent(data: "a\nb")]),
    Example(testDescription: "CR", stream: "data: a\rdata: b\r\r", events: [ServerSentEvent(data: "a\nb")]),
    Example(testDescription: "mixed ends", stream: "data: a\r\ndata: b\n\r", events: [ServerSentEvent(data: "a\nb")]),
    Example(testDescription: "BOM", stream: "\u{FEFF}data: a\n\n", events: [ServerSentEvent(data: "a")]),
    Example(testDescription: "BOM later", stream: "\n\u{FEFF}data: a\n\n", events: []),
    Example(testDescription: "comments", stream: ": ping\n\n:\ndata: a\n:x\n\n", events: [ServerSentEvent(data: "a")]),
    Example(testDescription: "no data", stream: "event: x\nid: 1\n\n", events: []),
    Example(
      testDescription: "all fields",
      stream: "event: note\nid: 7\nretry: 1500\ndata: a\n\ndata: b\n\n",
      events: [
        ServerSentEvent(event: "note", data: "a", id: "7", retry: .milliseconds(1_500)),
        ServerSentEvent(data: "b", id: "7"),
      ]
    ),
    Example(testDescription: "bad retry", stream: "retry: 1s\ndata: a\n\n", events: [ServerSentEvent(data: "a")]),
    Example(testDescription: "id with NUL", stream: "id: a\0b\ndata: a\n\n", events: [ServerSentEvent(data: "a")]),
    Example(
      testDescription: "id taken back",
      stream: "id: 1\nid\ndata: a\n\n",
      events: [ServerSentEvent(data: "a", id: "")]
    ),
    Example(
      testDescription: "unknown field",
      stream: "wat: 1\n data: b\ndata: a\n\n",
      events: [ServerSentEvent(data: "a")]
    ),
    Example(testDescription: "a cut end", stream: "data: a\n\ndata: b\n", events: [ServerSentEvent(data: "a")]),
    Example(
      testDescription: "JSON and accents",
      stream: "data: {\"t\":\"é😀\"}\n\n",
      events: [ServerSentEvent(data: "{\"t\":\"é😀\"}")]
    ),
    Example(
      testDescription: "the end of a model",
      stream: "data: {}\n\ndata: [DONE]\n\n",
      events: [ServerSentEvent(data: "{}"), ServerSentEvent(data: "[DONE]")]
    ),
  ]

  @Test(arguments: examples)
  func `reads the stream as the standard says`(_ example: Example) throws {
    var parser = EventStreamParser()
    #expect(try parser.push(Array(example.stream.utf8)) == example.events)
  }

  @Test(arguments: examples)
  func `gives the same events wherever the bytes are cut`(_ example: Example) throws {
    let bytes = Array(example.stream.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var parser = EventStreamParser()
        var events = try parser.push(bytes[..<first])
        events += try parser.push(bytes[first..<second])
        events += try parser.push(bytes[second...])
        #expect(events == example.events)
      }
    }
    var parser = EventStreamParser()
    #expect(try bytes.flatMap { try parser.push([$0]) } == example.events)
  }

  @Test func `survives any bytes and gives the same events for each cut of them`() throws {
    let alphabet: [UInt8] = Array("data:id\r\n \0é".utf8) + [0xFF, 0xEF, 0xBB, 0xBF]
    for seed in 0..<200 {
      var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
      let bytes = (0..<300).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      var whole = EventStreamParser()
      var single = EventStreamParser()
      #expect(try whole.push(bytes) == bytes.flatMap { try single.push([$0]) })
      #expect(whole.lastEventID == single.lastEventID)
    }
  }

  @Test func `refuses a line past the limit, and everything after it`() throws {
    var parser = EventStreamParser(maximumLineBytes: 8)
    #expect(try parser.push(Array("data: ab\n\n".utf8)).count == 1)
    #expect(throws: EventStreamFailure.lineTooLong(limit: 8)) { try parser.push(Array("data: abc".utf8)) }
    #expect(throws: EventStreamFailure.lineTooLong(limit: 8)) { try parser.push([0x0A]) }
  }

  @Test func `refuses an event past the limit`() throws {
    var parser = EventStreamParser(maximumEventBytes: 4)
    #expect(try parser.push(Array("data: a\ndata: b\n\n".utf8)) == [ServerSentEvent(data: "a\nb")])
    #expect(throws: EventStreamFailure.eventTooLong(limit: 4)) {
      try parser.push(Array("data: a\ndata: b\ndata: c\n\n".utf8))
    }
  }
}
