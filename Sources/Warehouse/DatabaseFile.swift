#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The file of a database as the file system sees it; links are followed, as SQLite does.
///
/// It asks `stat` itself, since what FileManager answers changes its type with the Foundation that is loaded.
struct DatabaseFile: Sendable {
  let path: String

  /// Which file stands at the path; another one after the file was replaced.
  struct Identity: Hashable, Sendable {
    let device: UInt64
    let number: UInt64
  }

  /// Answers with the file's identity when it is a file with something in it.
  func identity() throws(WarehouseFailure) -> Identity {
    let status = try status()
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw WarehouseFailure(.notAFile, "\(path) is no file", remedy: "Name the SQLite file itself.")
    }
    guard status.st_size > 0 else {
      throw WarehouseFailure(
        .emptyFile,
        "\(path) is empty",
        remedy: "Name a SQLite file with data, or run `coach demo`."
      )
    }
    return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Identity, size and time of the last change of the file and of its write-ahead log.
  func fingerprint() throws(WarehouseFailure) -> String {
    let identity = try identity()
    let log = (try? DatabaseFile(path: path + "-wal").status()).map(change) ?? "-"
    return "\(identity.device).\(identity.number).\(change(try status())).\(log)"
  }

  private func change(_ status: stat) -> String {
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    return "\(status.st_size).\(time.tv_sec).\(time.tv_nsec)"
  }

  private func status() throws(WarehouseFailure) -> stat {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0 else {
      throw WarehouseFailure(
        .missingFile,
        "there is no database at \(path)",
        remedy: "Give the path of a SQLite file, or run `coach demo` to make one."
      )
    }
    return status
  }
}
