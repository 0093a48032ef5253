import DemoCompany
import FoundationEssentials

/// Writes the demo company, for the command line.
public enum Demo {
  /// Writes the database, making its folder when needed.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - seed: what the data is drawn from.
  ///   - progress: told the share of the work that is done, from 0 to 1.
  /// - Throws: ``StartFailure`` when it cannot be written.
  public static func write(to path: String, seed: UInt64, progress: (Double) -> Void) throws(StartFailure) {
    do {
      if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
      }
      try DemoCompany.write(to: path, seed: seed, progress: progress)
    } catch {
      throw StartFailure("the demo company cannot be written to \(path): \(error)")
    }
  }
}
