import Glibc

/// An orthonormal basis of level, trend, curvature and season over some times; what it spans is no evidence of a driver.
struct SeasonalBasis {
  let columns: [[Double]]

  /// - Parameters:
  ///   - range: the times, so that phases stay the same for a part of the series.
  ///   - season: times after which a pattern repeats, or nil.
  init(times range: Range<Int>, season: Int?) {
    let count = range.count
    let center = Double(count - 1) / 2
    var raw: [[Double]] = [[Double](repeating: 1, count: count)]
    let position = (0..<count).map { (Double($0) - center) / max(center, 1) }
    raw.append(position)
    raw.append(position.map { $0 * $0 })
    if let season, season > 1, count >= 3 * season {
      for phase in 1..<season { raw.append(range.map { $0 % season == phase ? 1 : 0 }) }
    }
    var kept: [[Double]] = []
    for column in raw {
      var rest = column
      for _ in 0..<2 {
        for base in kept { DriverStatistics.subtract(DriverStatistics.dot(base, rest), base, from: &rest) }
      }
      let norm = DriverStatistics.dot(rest, rest).squareRoot()
      if norm > 1e-8 * Double(count).squareRoot() { kept.append(rest.map { $0 / norm }) }
    }
    columns = kept
  }

  /// What the basis does not span.
  func residual(_ values: [Double]) -> [Double] {
    var rest = values
    for base in columns { DriverStatistics.subtract(DriverStatistics.dot(base, rest), base, from: &rest) }
    return rest
  }
}
