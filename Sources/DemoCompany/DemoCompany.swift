public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import SQLiteKit

/// A dealer network of an invented European car maker, with data that anybody may look at.
///
/// Everything is drawn from a seed: the same seed gives the same file, byte for byte, with the same version of SQLite.
/// What was planted to be found is listed in ``events``.
public enum DemoCompany {
  /// The first day with sales.
  public static let firstDay = date("2024-01-01")
  /// The last day with data; questions like "last month" count back from here.
  public static let asOf = date("2026-06-30")

  /// Writes the company's database to `path`, over a file that is there.
  ///
  /// The file is made under another name beside it and then renamed, so there is never a half-written one.
  ///
  /// - Parameters:
  ///   - path: where the SQLite file goes; its folder must exist.
  ///   - seed: what the data is drawn from.
  ///   - progress: called now and then with the share of the work that is done, from 0 to 1.
  /// - Throws: ``DemoCompanyFailure`` when the file cannot be written.
  public static func write(
    to path: String,
    seed: UInt64,
    progress: (Double) -> Void = { _ in }
  ) throws(DemoCompanyFailure) {
    try write(to: path, seed: seed, scale: 1, progress: progress)
  }

  /// Writes a company whose demand is `scale` times the usual.
  static func write(
    to path: String,
    seed: UInt64,
    scale: Double,
    progress: (Double) -> Void = { _ in }
  ) throws(DemoCompanyFailure) {
    let unfinished = path + ".unfinished"
    unlink(unfinished)
    do throws(SQLiteFailure) {
      progress(0)
      let company = Company(seed: seed, scale: scale)
      progress(0.25)
      try DatabaseWriter(company: company).write(to: unfinished, progress: { progress(0.25 + 0.75 * $0) })
    } catch {
      unlink(unfinished)
      throw DemoCompanyFailure(path: path, reason: "\(error)")
    }
    guard rename(unfinished, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(unfinished)
      throw DemoCompanyFailure(path: path, reason: reason)
    }
    progress(1)
  }

  /// A date that is known to be right, for the tables of this module.
  static func date(_ text: String) -> CivilDate {
    guard let date = CivilDate(text) else { preconditionFailure("'\(text)' is no date") }
    return date
  }
}

/// Why the demo database was not written.
public struct DemoCompanyFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file that was wanted.
  public var path: String
  /// What happened.
  public var reason: String

  /// Makes a failure.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// What happened, where, and how to mend it.
  public var description: String {
    "the demo data cannot be written to '\(path)': \(reason). Check that its folder exists and may be written to"
  }
}
