import CSQLite

/// An open SQLite connection: it has one owner and is closed once.
struct Handle: ~Copyable {
  let pointer: OpaquePointer

  init(path: String, flags: Int32) throws(SQLiteFailure) {
    guard !path.utf8.contains(0) else {
      throw SQLiteFailure(kind: .cannotOpen, message: "the path contains a NUL character")
    }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      var failure = SQLiteFailure(connection: opened, code: code)
      failure.message += ": \(path)"
      sqlite3_close_v2(opened)  // SQLite hands out a connection even for a failed opening
      throw failure
    }
    pointer = opened
  }

  deinit {
    // v2 waits for statements that are still alive, whatever order the owner lets go of things in.
    sqlite3_close_v2(pointer)
  }
}
