#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Where a series takes on another level or another trend for good.
///
/// Segments are fitted by least squares, as constants and as straight lines, by the pruned exact search of Killick,
/// Fearnhead, Eckley (2012), "Optimal detection of changepoints with a linear computational cost", JASA 107, over a grid
/// of penalties. Among all these segmentations the one with the smallest Schwarz criterion is kept, with the errors'
/// first autocorrelation taken out, so that a wandering series has no changes.
public enum ChangePoints {
  /// The longest series; longer ones are thinned to their means over equal stretches.
  static let resolution = 600
  /// The shortest segment, in values.
  static let shortest = 5

  /// The weight of the Schwarz penalty; above 1, for the places of changes were searched as well.
  private static let schwarzFactor = 1.75

  /// Finds the first places of new segments.
  ///
  /// - Parameters:
  ///   - values: equally spaced, oldest first; not-a-number where a value is missing.
  ///   - candidatePeriods: seasonal periods to look for; a season found is taken off first.
  /// - Returns: ascending places in `values`; empty for a constant series.
  /// - Throws: ``DetectionFault`` for a series that cannot be searched.
  public static func find(_ values: [Double], candidatePeriods: [Int] = []) throws(DetectionFault) -> [Int] {
    guard values.count <= AnomalyDetector.maximumCount else { throw .tooLong(count: values.count) }
    if let index = values.firstIndex(where: { $0.isInfinite }) { throw .infiniteValue(index: index) }
    let places = values.indices.filter { !values[$0].isNaN }
    guard places.count >= AnomalyDetector.minimumCount else {
      throw .tooLittleHistory(known: places.count, needed: AnomalyDetector.minimumCount)
    }
    var known = places.map { values[$0] }
    if let period = SeasonalPattern.period(of: known, among: candidatePeriods) {
      known = zip(known, SeasonalPattern.season(known, period: period)).map { $0 - $1 }
    }
    let width = (known.count + resolution - 1) / resolution
    let thinned = stride(from: 0, to: known.count, by: width).map { start in
      let part = known[start..<min(start + width, known.count)]
      return part.reduce(0, +) / Double(part.count)
    }
    return best(of: winsorized(thinned)).map { places[$0 * width] }
  }

  /// Single values far outside both neighbourhoods are moved in, for they are points and no levels.
  private static func winsorized(_ values: [Double]) -> [Double] {
    let center = SeasonalPattern.rollingMedian(values, window: 7)
    let rest = zip(values, center).map { $0 - $1 }
    let limit = 4 * Robust.scale(rest, around: 0)
    guard limit > 0 else { return values }
    return zip(center, rest).map { $0 + min(max($1, -limit), limit) }
  }

  private static func best(of values: [Double]) -> [Int] {
    let count = Double(values.count)
    let sums = SegmentSums(values)
    let whole = sums.constantCost(0, values.count)
    guard whole > 1e-12 * (values.reduce(0) { $0 + $1 * $1 } + 1e-300) else { return [] }
    var steps = 0.0
    for index in 1..<values.count { steps += (values[index] - values[index - 1]) * (values[index] - values[index - 1]) }
    let noise = max(min(steps / (2 * (count - 1)), whole / count), 1e-9 * whole / count)
    var best = (criterion: Double.infinity, changes: [Int]())
    for isLinear in [false, true] {
      var seen: Set<[Int]> = []
      var penalty = 4 * noise * log(count)
      while penalty < 4 * whole {
        let changes = sums.segments(penalty: penalty, isLinear: isLinear)
        penalty *= 2
        // A larger penalty only takes changes away.
        if changes.isEmpty { break }
        guard seen.insert(changes).inserted else { continue }
        let fitted = sums.errors(changes, isLinear: isLinear)
        let size = Double(changes.count)
        let parameters = isLinear ? 3 * size + 2 : 2 * size + 1
        let criterion = count * log(whitened(fitted) / count + 1e-300) + schwarzFactor * parameters * log(count)
        if criterion < best.criterion { best = (criterion, changes) }
      }
      let none = sums.errors([], isLinear: isLinear)
      let criterion = count * log(whitened(none) / count + 1e-300) + schwarzFactor * (isLinear ? 2 : 1) * log(count)
      if criterion < best.criterion { best = (criterion, []) }
    }
    return best.changes
  }

  /// The sum of squared errors that their own predecessors do not explain.
  private static func whitened(_ errors: [Double]) -> Double {
    var (square, product) = (0.0, 0.0)
    for index in errors.indices {
      square += errors[index] * errors[index]
      if index > 0 { product += errors[index] * errors[index - 1] }
    }
    guard square > 0 else { return 0 }
    let share = min(max(product / square, 0), 0.99)
    var sum = errors[0] * errors[0] * (1 - share * share)
    for index in 1..<errors.count {
      let rest = errors[index] - share * errors[index - 1]
      sum += rest * rest
    }
    return sum
  }
}

/// Running sums, from which any segment's cost follows at once.
private struct SegmentSums {
  private let values: [Double]
  private var first: [Double] = [0]
  private var square: [Double] = [0]
  private var moment: [Double] = [0]

  init(_ values: [Double]) {
    // Around the mean, for the sums of squares to keep their digits.
    let mean = values.reduce(0, +) / Double(values.count)
    self.values = values.map { $0 - mean }
    for (index, value) in self.values.enumerated() {
      first.append(first[index] + value)
      square.append(square[index] + value * value)
      moment.append(moment[index] + value * Double(index))
    }
  }

  /// Squared errors around the mean of `start..<end`.
  func constantCost(_ start: Int, _ end: Int) -> Double {
    let sum = first[end] - first[start]
    return max(0, square[end] - square[start] - sum * sum / Double(end - start))
  }

  /// Squared errors around the straight line through `start..<end`.
  func linearCost(_ start: Int, _ end: Int) -> Double {
    let size = Double(end - start)
    let cost = constantCost(start, end)
    guard size > 2 else { return 0 }
    let middle = Double(start + end - 1) / 2
    let top = moment[end] - moment[start] - middle * (first[end] - first[start])
    return max(0, cost - top * top / (size * (size * size - 1) / 12))
  }

  /// The cheapest segmentation when each further segment costs `penalty`.
  func segments(penalty: Double, isLinear: Bool) -> [Int] {
    let count = values.count
    let shortest = ChangePoints.shortest
    var costs = [Double](repeating: .infinity, count: count + 1)
    var previous = [Int](repeating: 0, count: count + 1)
    costs[0] = -penalty
    var candidates = [0]
    var offers = [Double](repeating: 0, count: count + 1)
    for end in shortest..<(count + 1) {
      for place in candidates.indices {
        let start = candidates[place]
        let cost = costs[start] + (isLinear ? linearCost(start, end) : constantCost(start, end))
        if cost + penalty < costs[end] {
          costs[end] = cost + penalty
          previous[end] = start
        }
        offers[place] = cost
      }
      // What already costs more than the best can never become the best (the pruning of the cited paper).
      var kept = 0
      for place in candidates.indices where offers[place] <= costs[end] {
        candidates[kept] = candidates[place]
        kept += 1
      }
      candidates.removeLast(candidates.count - kept)
      let next = end - shortest + 1
      if next >= shortest, costs[next].isFinite { candidates.append(next) }
    }
    var changes: [Int] = []
    var place = previous[count]
    while place > 0 {
      changes.append(place)
      place = previous[place]
    }
    return changes.reversed()
  }

  /// Each value's error within its segment.
  func errors(_ changes: [Int], isLinear: Bool) -> [Double] {
    var answer: [Double] = []
    let bounds = [0] + changes + [values.count]
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      let part = values[start..<end]
      let line = isLinear ? LinearFit.line(through: part) : (part.reduce(0, +) / Double(part.count), 0)
      for (index, value) in part.enumerated() { answer.append(value - line.0 - line.1 * Double(index)) }
    }
    return answer
  }
}
