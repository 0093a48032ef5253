import FoundationEssentials
import Glibc
import SQLiteKit

/// The demo company with the standard seed, written once for all tests, which only read it.
enum DemoDatabase {
  /// The files of a run of all tests lie in one folder, which goes when the process does.
  private static let folder = "\(FileManager.default.temporaryDirectory.path)/coach-demo-\(getpid())"

  private static let writing = Task {
    atexit { try? FileManager.default.removeItem(atPath: DemoDatabase.folder) }
    let path = "\(folder)/demo/dealer.sqlite"
    let result = try await Coach.withoutData().run("demo", "--out", path)
    guard result.status == 0 else { throw Complaint("coach demo failed: \(result.errors)") }
    return path
  }

  /// The path of the database.
  static func path() async throws -> String { try await writing.value }

  /// The first value of a query on the database.
  static func number(_ sql: String) async throws -> Double {
    let database = try SQLiteDatabase(path: try await path(), configuration: SQLiteConfiguration(mode: .readOnly))
    guard let number = try database.query(sql).scalar?.double else { throw Complaint("no number: \(sql)") }
    return number
  }

  /// Net revenue of May 2026, the month before the demo company's last day, straight from the tables.
  static func lastMonthsRevenue() async throws -> Double { try await number(lastMonthsRevenueSQL) }

  static let lastMonthsRevenueSQL = """
    SELECT SUM(net_revenue) FROM sales \
    WHERE status = 'Completed' AND sale_date >= '2026-05-01' AND sale_date < '2026-06-01'
    """
}
