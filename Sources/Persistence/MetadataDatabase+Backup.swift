import CoachVocabulary
import FoundationEssentials
import Glibc
import SQLiteKit

extension MetadataDatabase {
  /// The version of the schema in a file: 0 for one that is missing or holds no tables of ours.
  ///
  /// - Throws: ``PersistenceFailure`` for a file that is no database, or one of something else.
  static func version(ofFile path: String) async throws(PersistenceFailure) -> Int {
    guard let size = FileSize.of(path), size > 0 else { return 0 }
    do {
      let connection = try SQLiteConnection(path: path, configuration: SQLiteConfiguration(mode: .readOnly))
      let version = try await connection.read { session throws(SQLiteFailure) in
        let names = try session.query("SELECT name FROM sqlite_schema WHERE type = 'table'").rows
        guard names.contains([.text("schema_migration")]) else { return names.isEmpty ? 0 : nil as Int? }
        return try session.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
      }
      await connection.close()
      guard let version else {
        throw PersistenceFailure.damaged("\(path) is a database, but not one of the coach's own")
      }
      return version
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Copies a file of an older version beside itself, once, before it is changed for good.
  static func copyBeforeUpdate(of path: String) async throws(PersistenceFailure) {
    let version = try await version(ofFile: path)
    guard version > 0, version < schemaVersion else { return }
    let target = "\(path).version-\(version)"
    guard FileSize.of(target) == nil else { return }
    try await copy(path, to: target)
  }

  /// Writes a copy of the database as it is at one moment, while others may go on to write to it.
  ///
  /// The copy appears under its name only when it is whole and on the disk.
  static func copy(_ path: String, to target: String) async throws(PersistenceFailure) {
    let partial = "\(target).partial-\(getpid())"
    unlink(partial)
    do {
      let connection = try SQLiteConnection(
        path: path,
        configuration: SQLiteConfiguration(mode: .readWrite(create: false))
      )
      defer { Task { await connection.close() } }
      try await connection.withoutTransaction { session throws(SQLiteFailure) in
        _ = try session.query("VACUUM INTO ?", [SQLiteValue(partial)])
      }
      try DurableFile.publish(partial, as: target)
    } catch {
      unlink(partial)
      throw PersistenceFailure(error)
    }
  }
}

/// Sizes of files.
enum FileSize {
  /// The size in bytes; nil when nothing is there.
  static func of(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }
}

/// Files that appear whole or not at all.
enum DurableFile {
  /// Waits until a file is on the disk and gives it its name, in place of what had that name.
  static func publish(_ partial: String, as target: String) throws(PersistenceFailure) {
    let file = open(partial, O_RDONLY | O_CLOEXEC)
    guard file >= 0, fsync(file) == 0, close(file) == 0, rename(partial, target) == 0 else {
      throw .unavailable("\(target) cannot be written: \(String(cString: strerror(errno)))")
    }
    let slash = target.lastIndex(of: "/")
    let folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    let handle = open(folder, O_RDONLY | O_CLOEXEC)
    guard handle >= 0 else { return }
    fsync(handle)
    close(handle)
  }
}
