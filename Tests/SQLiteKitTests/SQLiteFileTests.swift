import Foundation
import SQLiteKit
import Testing

@Suite struct `A SQLite file` {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func open(
    _ mode: SQLiteConfiguration.Mode,
    busyTimeout: Duration = .zero
  ) throws(SQLiteFailure) -> SQLiteDatabase {
    try SQLiteDatabase(
      path: scratch.path(),
      configuration: SQLiteConfiguration(mode: mode, busyTimeout: busyTimeout)
    )
  }

  @Test func `is opened with a write-ahead log, foreign keys and a distrust of its schema`() throws {
    let database = try open(.readWrite(create: true))
    #expect(try database.query("PRAGMA journal_mode").scalar == "wal")
    #expect(try database.query("PRAGMA foreign_keys").scalar == 1)
    #expect(try database.query("PRAGMA synchronous").scalar == 1)
    #expect(try database.query("PRAGMA trusted_schema").scalar == 0)
    try database.execute("PRAGMA writable_schema = ON")
    #expect(thrown { () throws(SQLiteFailure) in try database.execute("DELETE FROM sqlite_schema") } != nil)
  }

  @Test func `waits for the disk when that is asked for`() throws {
    let configuration = SQLiteConfiguration(mode: .readWrite(create: true), durability: .full)
    let database = try SQLiteDatabase(path: scratch.path(), configuration: configuration)
    #expect(try database.query("PRAGMA synchronous").scalar == 2)
  }

  @Test func `cannot be written when it is opened for reading`() throws {
    try open(.readWrite(create: true)).execute("CREATE TABLE note (id)")
    let reader = try open(.readOnly)
    #expect(try reader.query("SELECT count(*) FROM note").scalar == 0)
    let failure = thrown { () throws(SQLiteFailure) in try reader.execute("INSERT INTO note VALUES (1)") }
    #expect(failure?.kind == .readOnly)
  }

  @Test(arguments: [SQLiteConfiguration.Mode.readOnly, .readWrite(create: false)])
  func `that is missing is not made unless that is asked for`(mode: SQLiteConfiguration.Mode) throws {
    let failure = try #require(thrown { () throws(SQLiteFailure) in try open(mode) })
    #expect(failure.kind == .cannotOpen)
    #expect(failure.description.contains(scratch.path()))
    #expect(!FileManager.default.fileExists(atPath: scratch.path()))
  }

  @Test(arguments: [SQLiteConfiguration.Mode.readOnly, .readWrite(create: true)])
  func `that is none is refused at once`(mode: SQLiteConfiguration.Mode) throws {
    try scratch.write(String(repeating: "This is a letter and no database. ", count: 100), to: "test.db")
    #expect(thrown { () throws(SQLiteFailure) in try open(mode) }?.kind == .notADatabase)
  }

  @Test func `whose path holds a NUL is refused`() {
    let path = scratch.path() + "\0.txt"
    let failure = thrown { () throws(SQLiteFailure) in try SQLiteDatabase(path: path, configuration: .ours) }
    #expect(failure?.kind == .cannotOpen)
  }

  @Test func `is busy for the second writer and free for readers`() throws {
    let first = try open(.readWrite(create: true))
    try first.execute("CREATE TABLE note (id)")
    let second = try open(.readWrite(create: true))
    try first.transaction { session in
      try session.execute("INSERT INTO note VALUES (1)")
      let failure = thrown { () throws(SQLiteFailure) in try second.execute("INSERT INTO note VALUES (2)") }
      #expect(failure?.kind == .busy)
      #expect(try second.query("SELECT count(*) FROM note").scalar == 0)
    }
    try second.execute("INSERT INTO note VALUES (2)")
    #expect(try first.query("SELECT count(*) FROM note").scalar == 2)
  }

  @Test func `shows a reader one unchanging view`() throws {
    let writer = try open(.readWrite(create: true))
    try writer.execute("CREATE TABLE note (id)")
    let reader = try open(.readOnly)
    try reader.read { session in
      #expect(try session.query("SELECT count(*) FROM note").scalar == 0)
      try writer.execute("INSERT INTO note VALUES (1)")
      #expect(try session.query("SELECT count(*) FROM note").scalar == 0)
    }
    #expect(try reader.query("SELECT count(*) FROM note").scalar == 1)
  }
}
