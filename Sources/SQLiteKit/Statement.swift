import CSQLite

/// A prepared statement: it is finalized when nobody holds it any more.
final class Statement {
  let pointer: OpaquePointer
  let sql: String
  /// Marks of the cache.
  var isInUse = true
  var isKept = false
  var lastUse = 0

  init(_ pointer: OpaquePointer, sql: String) {
    self.pointer = pointer
    self.sql = sql
  }

  deinit {
    sqlite3_finalize(pointer)
  }

  var columnCount: Int { Int(sqlite3_column_count(pointer)) }

  var parameterCount: Int { Int(sqlite3_bind_parameter_count(pointer)) }

  var isReadOnly: Bool { sqlite3_stmt_readonly(pointer) != 0 }

  var isExplain: Bool { sqlite3_stmt_isexplain(pointer) != 0 }

  var columnNames: [String] {
    (0..<sqlite3_column_count(pointer)).map { index in
      sqlite3_column_name(pointer, index).map { String(cString: $0) } ?? ""
    }
  }

  var values: [SQLiteValue] { (0..<columnCount).map(value(at:)) }

  /// Moves to the next row; false at the end.
  func step() throws(SQLiteFailure) -> Bool {
    let code = sqlite3_step(pointer)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Makes the statement ready to run again, and lets go of bound values.
  func reset() {
    sqlite3_reset(pointer)  // answers with the code of the last step, which was reported then
    sqlite3_clear_bindings(pointer)
  }

  func bind(_ values: [SQLiteValue]) throws(SQLiteFailure) {
    guard values.count == parameterCount else {
      let message = "the statement has \(parameterCount) parameters, and \(values.count) values were given"
      throw SQLiteFailure(kind: .misuse, message: message, sql: sql)
    }
    var index: Int32 = 0
    for value in values {
      index += 1
      let code = bind(value, at: index)
      guard code == SQLITE_OK else { throw failure(code) }
    }
  }

  func value(at column: Int) -> SQLiteValue {
    guard column >= 0, column < columnCount else { return .null }
    let index = Int32(column)
    switch sqlite3_column_type(pointer, index) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, index))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, index))
    case SQLITE_TEXT: return .text(text(at: index))
    case SQLITE_BLOB: return .blob(bytes(at: index))
    default: return .null
    }
  }

  /// The size of a value without copying it: text and blobs by length, numbers as 8, nulls as 1.
  func byteCount(at column: Int) -> Int {
    let index = Int32(column)
    switch sqlite3_column_type(pointer, index) {
    case SQLITE_TEXT, SQLITE_BLOB: return Int(sqlite3_column_bytes(pointer, index))
    case SQLITE_NULL: return 1
    default: return 8
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(pointer, index)
    case .integer(let number): return sqlite3_bind_int64(pointer, index, number)
    case .real(let number): return sqlite3_bind_double(pointer, index, number)
    case .text(let text): return bind(text, at: index)
    case .blob(let bytes):
      // An empty array may have no address, and SQLite takes a missing address for null.
      guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(pointer, index, 0) }
      return bytes.withUnsafeBytes { buffer in
        sqlite3_bind_blob64(pointer, index, buffer.baseAddress, UInt64(buffer.count), csqlite_transient())
      }
    }
  }

  private func bind(_ text: String, at index: Int32) -> Int32 {
    let count = UInt64(text.utf8.count)
    return text.withCString { characters in
      sqlite3_bind_text64(pointer, index, characters, count, csqlite_transient(), UInt8(SQLITE_UTF8))
    }
  }

  private func text(at index: Int32) -> String {
    guard let characters = sqlite3_column_text(pointer, index) else { return "" }
    let count = Int(sqlite3_column_bytes(pointer, index))  // after column_text, which may change the encoding
    return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF8.self)
  }

  private func bytes(at index: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, index) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, index))))
  }

  private func failure(_ code: Int32) -> SQLiteFailure {
    SQLiteFailure(connection: sqlite3_db_handle(pointer), code: code, sql: sql)
  }
}
