import ConcurrencyKit
import FoundationEssentials
import Persistence

/// A folder that goes with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "coach-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Copies a database as a killed process leaves it: with its log and without closing it.
  func copyUnclosed(_ name: String, to copy: String) throws {
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file(name + suffix)) {
      try FileManager.default.copyItem(atPath: file(name + suffix), toPath: file(copy + suffix))
    }
  }

  func open(_ name: String = "meta.sqlite") async throws -> MetadataDatabase {
    try await MetadataDatabase(path: file(name), clock: .fixed(at: Date(timeIntervalSince1970: 1_750_000_000)))
  }
}
