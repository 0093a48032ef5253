import Foundation
import SQLiteKit

/// A folder of its own for a test, gone when the test is.
final class Scratch {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sqlitekit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String = "test.db") -> String {
    folder.appending(path: name).path
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }
}

extension SQLiteDatabase {
  /// A database in memory, filled by a script.
  static func inMemory(_ script: String = "", limits: SQLiteLimits? = nil) throws(SQLiteFailure) -> SQLiteDatabase {
    var configuration = SQLiteConfiguration.ours
    configuration.limits = limits
    let database = try SQLiteDatabase(path: ":memory:", configuration: configuration)
    try database.session.executeScript(script)
    return database
  }
}

/// The failure of a call that has to fail.
func thrown<Value>(by call: () throws(SQLiteFailure) -> Value) -> SQLiteFailure? {
  do throws(SQLiteFailure) {
    _ = try call()
    return nil
  } catch {
    return error
  }
}
