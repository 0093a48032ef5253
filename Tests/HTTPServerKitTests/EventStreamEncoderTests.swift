import HTTPClientKit
import HTTPServerKit
import Testing

@Suite struct `The event stream encoder` {
  @Test func `writes the fields in the standard's form`() {
    let frame = EventStreamEncoder.event(data: "a\nb", event: "note", id: "7", retry: .seconds(2))
    #expect(String(decoding: frame, as: UTF8.self) == "id: 7\nevent: note\nretry: 2000\ndata: a\ndata: b\n\n")
  }

  @Test(arguments: [
    "", "a", " a", "a\nb", "a\rb", "a\r\nb", "a\r\r\nb", "\n", "a\n\n", "data: x\n\nevent: y", "é\u{1F600}\0",
  ])
  func `what it writes the parser reads`(_ data: String) throws {
    var parser = EventStreamParser()
    let events = try parser.push(EventStreamEncoder.event(data: data, event: "e", id: "1"))
    let lines = String(decoding: data.utf8.map { $0 }, as: UTF8.self).unicodeScalars
    var expected = ""
    var previous: Unicode.Scalar = "x"
    for scalar in lines {
      if scalar == "\r" || (scalar == "\n" && previous != "\r") {
        expected += "\n"
      } else if scalar != "\n" {
        expected.unicodeScalars.append(scalar)
      }
      previous = scalar
    }
    #expect(events == [ServerSentEvent(event: "e", data: expected, id: "1")])
  }

  @Test func `a line break cannot leave its field`() throws {
    var parser = EventStreamParser()
    let frame = EventStreamEncoder.event(data: "d", event: "a\ndata: x", id: "1\r\n\r\ndata: y\0")
    let events = try parser.push(frame)
    #expect(events == [ServerSentEvent(event: "a data: x", data: "d", id: "1    data: y ")])
  }

  @Test func `comments and pings are passed over`() throws {
    var parser = EventStreamParser()
    #expect(try parser.push(EventStreamEncoder.ping + EventStreamEncoder.comment("a\ndata: b")).isEmpty)
    #expect(String(decoding: EventStreamEncoder.comment("a\nb"), as: UTF8.self) == ": a\n: b\n\n")
  }
}
