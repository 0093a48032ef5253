import CPgQuery

/// Reads PostgreSQL's SQL with PostgreSQL's own parser.
enum PostgresParser {
  /// The longest text that is handed to the parser, in bytes.
  static let maximumBytes = 16_384
  /// The most beginnings of comments: the parser takes time by the square of their nesting.
  static let mostComments = 200

  /// Parses one question; the calling thread waits, as a rule for less than a millisecond.
  static func parse(_ sql: String) throws(SyntaxFault) -> SQLQuery {
    let bytes = sql.utf8.count
    guard bytes <= maximumBytes else { throw SyntaxFault(.tooLong, "the statement has \(bytes) bytes") }
    guard !sql.utf8.contains(0) else { throw SyntaxFault(.grammar, "the statement holds a NUL character") }
    guard commentCount(of: sql) <= mostComments else {
      throw SyntaxFault(.grammar, "the statement has too many comments")
    }
    let outcome = SyntaxThread.run { parseHere(sql) }
    guard let outcome else { throw SyntaxFault(.unavailable, "the parser's thread could not be started") }
    return try outcome.get()
  }

  private static func commentCount(of sql: String) -> Int {
    var last = UInt8(0)
    var count = 0
    for byte in sql.utf8 {
      if last == UInt8(ascii: "/"), byte == UInt8(ascii: "*") { count += 1 }
      last = byte
    }
    return count
  }

  private static func parseHere(_ sql: String) -> Result<SQLQuery, SyntaxFault> {
    let answer = pg_query_parse(sql)
    defer { pg_query_free_parse_result(answer) }
    if let error = answer.error {
      let message = error.pointee.message.map { String(cString: $0) } ?? "it cannot be read"
      let place = Int(error.pointee.cursorpos)
      return .failure(SyntaxFault(.grammar, message, at: place > 0 ? place - 1 : nil))
    }
    guard let text = answer.parse_tree else { return .failure(SyntaxFault(.unavailable, "the parser gave no tree")) }
    let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    guard let tape = JSONTape(UnsafeBufferPointer(start: bytes, count: length(of: bytes))) else {
      return .failure(SyntaxFault(.unavailable, "the parser's tree cannot be read"))
    }
    do throws(SyntaxFault) {
      return .success(try PostgresTree(tape: tape, source: Array(sql.utf8)).question())
    } catch {
      return .failure(error)
    }
  }

  private static func length(of text: UnsafePointer<UInt8>) -> Int {
    var count = 0
    while text[count] != 0 { count += 1 }
    return count
  }
}
