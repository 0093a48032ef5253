#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Finds what does not belong to a series' usual course: single points, temporary shifts, lasting shifts, broken weeks.
///
/// The usual course is a local level (exponential smoothing with gain α, the innovations of an ARIMA(0,1,1)). Each kind
/// of intervention leaves its own trace in the innovations; the trace that explains most is taken out, and the search
/// goes on until none explains enough. Source: Chen, Liu (1993), "Joint estimation of model parameters and outlier
/// effects in time series", JASA 88, with temporary shifts of any length instead of exponential ones.
struct InterventionSearch {
  enum Kind: Hashable { case point, temporaryShift, levelShift, seasonBreak }

  struct Intervention: Hashable {
    var kind: Kind
    var start: Int
    /// The last place concerned; for a level shift the last of the series.
    var end: Int
    /// In the unit of the series searched.
    var size: Double
    /// Size divided by its standard error.
    var strength: Double
  }

  /// What an intervention must explain, in nats, before it is believed: half its squared strength.
  struct Thresholds {
    var point = 10.5
    var temporaryShift = 11.5
    var levelShift = 12.0
    var seasonBreak = 11.0
    /// Longest temporary shift, in values.
    var longest = 21
  }

  var thresholds = Thresholds()
  var maximumCount = 30

  /// What was found, and the series' own noise.
  struct Outcome {
    var interventions: [Intervention]
    /// The series without what was found.
    var cleaned: [Double]
    /// Innovations of the cleaned series.
    var innovations: [Double]
    var scale: Double
    var gain: Double
  }

  /// Searches a seasonally adjusted series.
  ///
  /// - Parameters:
  ///   - values: at least 8, all finite, without season.
  ///   - season: the season taken off, value by value; nil for none.
  ///   - period: its period.
  ///   - gain: α.
  /// - Returns: interventions in the order found, the strongest first.
  func search(_ values: [Double], season: [Double]?, period: Int, gain: Double) -> Outcome {
    var cleaned = values
    var found: [Intervention] = []
    var innovations = Self.innovations(cleaned, gain: gain)
    var scale = Self.scale(innovations)
    while found.count < maximumCount {
      guard let next = strongest(innovations, scale, season, period, gain, among: found) else { break }
      for index in next.start...next.end {
        cleaned[index] -= next.kind == .seasonBreak ? next.size * (season?[index] ?? 0) : next.size
      }
      found.append(next)
      innovations = Self.innovations(cleaned, gain: gain)
      scale = max(Self.scale(innovations), 1e-9)
    }
    return Outcome(interventions: found, cleaned: cleaned, innovations: innovations, scale: scale, gain: gain)
  }

  // MARK: - The usual course

  static func innovations(_ values: [Double], gain: Double) -> [Double] {
    var level = Robust.median(Array(values.prefix(9)))
    // The first values meet a level that they set themselves.
    return values.enumerated().map { index, value in
      let error = value - level
      level += max(gain, 1 / Double(index + 4)) * error
      return error
    }
  }

  static func scale(_ innovations: [Double]) -> Double { 1.4826 * Robust.median(innovations.map { abs($0) }) }

  /// The gain with the smallest winsorised squared innovations.
  static func gain(of values: [Double], atMost limit: Double) -> Double {
    var best = (value: Double.infinity, gain: 0.1)
    for gain in [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6] where gain <= limit {
      let errors = innovations(values, gain: gain)
      let cut = 3 * scale(errors)
      let value = errors.reduce(0) { $0 + min($1 * $1, cut * cut) }
      if value < best.value { best = (value, gain) }
    }
    return best.gain
  }

  // MARK: - One step

  private func strongest(
    _ innovations: [Double],
    _ scale: Double,
    _ season: [Double]?,
    _ period: Int,
    _ gain: Double,
    among found: [Intervention]
  ) -> Intervention? {
    guard scale > 0 else { return nil }
    let count = innovations.count
    let keep = 1 - gain
    // Sums of innovations and of squared traces from each place to the end, with weights falling by `keep`.
    var sums = [Double](repeating: 0, count: count + 1)
    var squares = [Double](repeating: 0, count: count + 1)
    for index in stride(from: count - 1, through: 0, by: -1) {
      sums[index] = innovations[index] + keep * sums[index + 1]
      squares[index] = 1 + keep * keep * squares[index + 1]
    }
    var best = Candidate()
    sums.withUnsafeBufferPointer { sums in
      squares.withUnsafeBufferPointer { squares in
        let unit = 0.5 / (scale * scale)
        for start in 1..<count {
          var weight = keep
          let (top, bottom) = (sums[start], squares[start])
          best.take(
            .point,
            start,
            start,
            top - sums[start + 1],
            bottom + (1 - 2 * weight) * squares[start + 1],
            unit,
            thresholds.point
          )
          for length in 2..<max(3, min(thresholds.longest, count - start - 1) + 1) where start + length < count {
            weight *= keep
            let after = start + length
            best.take(
              .temporaryShift,
              start,
              after - 1,
              top - sums[after],
              bottom + (1 - 2 * weight) * squares[after],
              unit,
              thresholds.temporaryShift
            )
          }
          if start >= 4, count - start >= 2 {
            // Near the end a lasting shift cannot be told from a temporary one.
            let kind: Kind = count - start > 7 ? .levelShift : .temporaryShift
            best.take(kind, start, count - 1, top, bottom, unit, thresholds.levelShift)
          }
        }
        if let season { takeSeasonBreaks(&best, innovations, season, period, unit, found) }
      }
    }
    return best.intervention(scale: scale)
  }

  /// The best trace so far.
  private struct Candidate {
    var kind = Kind.point
    var start = 0
    var end = 0
    var top = 0.0
    var bottom = 0.0
    /// What it explains beyond its threshold, in nats; more than 0 for a trace worth believing.
    var surplus = 0.0

    /// Keeps a trace that explains more: `top` is the innovations' product with it, `bottom` its square.
    @inline(__always)
    mutating func take(
      _ kind: Kind,
      _ start: Int,
      _ end: Int,
      _ top: Double,
      _ bottom: Double,
      _ unit: Double,
      _ threshold: Double
    ) {
      let surplus = unit * top * top / bottom - threshold
      guard surplus > self.surplus else { return }
      self.kind = kind
      self.start = start
      self.end = end
      self.top = top
      self.bottom = bottom
      self.surplus = surplus
    }

    func intervention(scale: Double) -> Intervention? {
      guard surplus > 0 else { return nil }
      let strength = abs(top) / (bottom.squareRoot() * scale)
      return Intervention(kind: kind, start: start, end: end, size: top / bottom, strength: strength)
    }
  }

  /// Weeks without their season: the innovations repeat the season with the opposite sign.
  private func takeSeasonBreaks(
    _ best: inout Candidate,
    _ innovations: [Double],
    _ season: [Double],
    _ period: Int,
    _ unit: Double,
    _ found: [Intervention]
  ) {
    let count = innovations.count
    for length in period...(2 * period) where length < count {
      var top = 0.0
      var bottom = 0.0
      for index in 0..<count {
        top += innovations[index] * season[index]
        bottom += season[index] * season[index]
        if index >= length {
          top -= innovations[index - length] * season[index - length]
          bottom -= season[index - length] * season[index - length]
        }
        let start = index - length + 1
        guard start >= period, bottom > 1e-12, top / bottom < -0.4 else { continue }
        let isTaken = found.contains { $0.kind == .seasonBreak && $0.start <= index && $0.end >= start }
        if !isTaken { best.take(.seasonBreak, start, index, top, bottom, unit, thresholds.seasonBreak) }
      }
    }
  }
}
