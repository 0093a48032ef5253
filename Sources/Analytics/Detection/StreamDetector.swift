#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// Watches a stream of values as they arrive, and alarms on what its own past makes very improbable.
///
/// Several views of each new value are compared with the same views of the past: how far it lies from the whole past and
/// from the same time of earlier days, how far the last few and the last many values have moved, and how much calmer or
/// wilder they have become. Each view's tail is modelled by a generalised Pareto distribution, so that one threshold, a
/// probability, suits every stream. Source: Siffer, Fouque, Termier, Largouet (2017), "Anomaly detection in streams with
/// extreme value theory", KDD. After an alarm the detector is silent for a while: one incident, one
/// alarm, unless it becomes far worse.
public struct StreamDetector: Sendable {
  /// What the detector says of one value.
  public struct Verdict: Hashable, Sendable {
    /// How improbable the value is: minus the logarithm to base 10 of its probability; 0 while learning or silent.
    public var score: Double
    /// Whether an incident begins here.
    public var isAlarm: Bool
  }

  /// An incident is what happens less than once in 10³ times by itself.
  private static let threshold = 3.0
  /// Nothing is said of so many first values.
  private static let learning = 300
  /// Silence after an alarm: at least so many values, and this share of all seen.
  private static let silence = (least: 40, share: 0.03)
  /// A value so much worse than the last alarm's is announced even so, in powers of 10.
  private static let escalation = 2.0
  /// Widths of the two views of moved means, and of the view of changed spread, in values.
  private static let widths = (short: 4, long: 20, spread: 20)
  /// Spreads wander more than their tails show: they count for less.
  private static let spreadWeight = 0.8

  private let period: Int?
  private var history: [Double] = []
  private var lastAlarm: (place: Int, score: Double)?
  private var distance = TailModel()
  private var shortMove = TailModel()
  private var longMove = TailModel()
  private var spread = TailModel()
  private var daily = TailModel()

  /// A detector that has seen nothing.
  ///
  /// - Parameter period: values per day, where the time of day matters; nil where it does not.
  public init(period: Int?) {
    self.period = period.flatMap { $0 > 3 ? $0 : nil }
  }

  /// Takes the next value.
  ///
  /// - Parameter value: not-a-number where it is missing; a missing or infinite value is no incident.
  /// - Returns: the verdict, from this value and earlier ones only.
  public mutating func observe(_ value: Double) -> Verdict {
    guard value.isFinite else { return Verdict(score: 0, isAlarm: false) }
    defer { history.append(value) }
    let surprise = surprise(of: value)
    let count = history.count
    guard count >= Self.learning else { return Verdict(score: 0, isAlarm: false) }
    // The longer a stream, the more often chance has its turn.
    let score = max(0, surprise - 0.5 * log10(Double(max(count, 4_000)) / 4_000))
    if isSilent(at: count, score) { return Verdict(score: 0, isAlarm: false) }
    let isAlarm = score >= Self.threshold
    if isAlarm { lastAlarm = (count, score) }
    return Verdict(score: score, isAlarm: isAlarm)
  }

  /// Whether the last alarm is recent, and this value not far worse than the one that raised it.
  private func isSilent(at count: Int, _ score: Double) -> Bool {
    guard let lastAlarm else { return false }
    let silence = max(Self.silence.least, Int(Self.silence.share * Double(count)))
    return count - lastAlarm.place <= silence && score < lastAlarm.score + Self.escalation
  }

  /// The largest surprise of all views; each view learns the value.
  private mutating func surprise(of value: Double) -> Double {
    var most = 0.0
    if let middle = longMedian { most = max(most, distance.observe(abs(value - middle))) }
    if let move = move(value, width: Self.widths.short) { most = max(most, shortMove.observe(move)) }
    if let move = move(value, width: Self.widths.long) { most = max(most, longMove.observe(move)) }
    if let change = spreadChange { most = max(most, Self.spreadWeight * spread.observe(change)) }
    if let usual { most = max(most, daily.observe(abs(value - usual))) }
    return most
  }

  // MARK: - Views

  /// The median of the whole past, from a hundred values of it.
  private var longMedian: Double? {
    guard history.count >= 100 else { return nil }
    let step = max(1, history.count / 100)
    return Robust.median(stride(from: history.count - 1, through: 0, by: -step).map { history[$0] })
  }

  /// The mean of the last values, this one among them, against that of four times as many before.
  private func move(_ value: Double, width: Int) -> Double? {
    guard history.count >= 5 * width else { return nil }
    let last = history.suffix(width - 1).reduce(value, +) / Double(width)
    let before = history[(history.count - 5 * width + 1)..<(history.count - width + 1)]
    return abs(last - before.reduce(0, +) / Double(before.count))
  }

  /// How the deviation of the last values compares with that of nine times as many before, as a logarithm.
  private var spreadChange: Double? {
    let width = Self.widths.spread
    guard history.count >= 10 * width else { return nil }
    let last = Self.deviation(history.suffix(width))
    let before = Self.deviation(history[(history.count - 10 * width)..<(history.count - width)])
    return abs(log((last + 0.05 * before + 1e-9) / (before + 1e-9)))
  }

  private static func deviation(_ values: ArraySlice<Double>) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  /// What this time of day brought in the last week.
  private var usual: Double? {
    guard let period, history.count >= 3 * period else { return nil }
    var same: [Double] = []
    for day in 1...min(7, history.count / period) {
      let place = history.count - day * period
      for near in (place - 1)...(place + 1) where history.indices.contains(near) { same.append(history[near]) }
    }
    return Robust.median(same)
  }
}
