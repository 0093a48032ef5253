#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// A series made ready for models: gaps filled, wild values moved back.
struct PreparedSeries {
  /// Complete and finite, from the first known value on.
  var values: [Double]
  /// How many values were missing behind the first known one.
  var filled: Int
  /// Where values were moved, in places of `values`.
  var moved: [Int]

  /// - Parameters:
  ///   - raw: not-a-number where a value is missing.
  ///   - period: the shortest seasonal period, 1 for none.
  init(_ raw: [Double], period: Int) {
    let first = raw.firstIndex { !$0.isNaN } ?? raw.count
    var values = Array(raw[first...])
    let missing = Self.fillGaps(&values, period: period)
    filled = missing.count
    moved = Self.moveOutliers(&values, period: period, except: missing)
    self.values = values
  }

  /// Fills gaps with the line between their neighbours plus the season that known values show; at the ends the nearest
  /// known value takes the line's place.
  ///
  /// - Returns: the places filled.
  static func fillGaps(_ values: inout [Double], period: Int) -> Set<Int> {
    let missing = values.indices.filter { values[$0].isNaN }
    guard !missing.isEmpty, missing.count < values.count else { return [] }
    var season = [Double](repeating: 0, count: max(period, 1))
    let known = values.filter { !$0.isNaN }
    if period > 1, known.count >= 2 * period {
      let center = Robust.median(known)
      for phase in 0..<period {
        let part = stride(from: phase, to: values.count, by: period).map { values[$0] }.filter { !$0.isNaN }
        if !part.isEmpty { season[phase] = Robust.median(part) - center }
      }
    }
    var line = values.indices.map { values[$0] - season[$0 % season.count] }
    var left: Int?
    for index in line.indices where !line[index].isNaN {
      if left == nil {
        for gap in 0..<index { line[gap] = line[index] }
      } else if let left, index - left > 1 {
        for gap in (left + 1)..<index {
          line[gap] = line[left] + (line[index] - line[left]) * Double(gap - left) / Double(index - left)
        }
      }
      left = index
    }
    if let left {
      for gap in (left + 1)..<max(line.count, left + 1) { line[gap] = line[left] }
    }
    for index in missing { values[index] = line[index] + season[index % season.count] }
    return Set(missing)
  }

  /// Moves single values far outside what their neighbourhood and season allow to the limit of what it allows.
  ///
  /// A value counts as wild beyond 12 robust deviations; a run of several is a level, not an outlier, and stays. The
  /// last value stays as well: nothing yet says whether it begins a new level.
  private static func moveOutliers(_ values: inout [Double], period: Int, except missing: Set<Int>) -> [Int] {
    guard values.count >= max(2 * period, 12) else { return [] }
    let decomposition = SeasonalDecomposition(values, periods: [period], seasonalWindow: 13, robust: true)
    let scale = Robust.scale(decomposition.remainder)
    guard scale > 0 else { return [] }
    let center = Robust.median(decomposition.remainder)
    let limit = 12 * scale
    func isWild(_ index: Int) -> Bool {
      decomposition.remainder.indices.contains(index) && !missing.contains(index)
        && abs(decomposition.remainder[index] - center) > limit
    }
    var moved: [Int] = []
    for index in values.indices.dropLast() where isWild(index) && !isWild(index - 1) && !isWild(index + 1) {
      let rest = decomposition.remainder[index]
      values[index] += (rest > center ? limit : -limit) + center - rest
      moved.append(index)
    }
    return moved
  }
}
