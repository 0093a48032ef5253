/// Watches a stream of values.
public struct StreamDetector: Sendable {
  /// A verdict.
  public struct Verdict: Sendable {
    /// Score.
    public var score: Double
    /// Alarm.
    public var isAlarm: Bool
  }
  /// A detector.
  public init(expectedCount: Int) {}
  /// Observes.
  public mutating func observe(_ value: Double) -> Verdict { Verdict(score: 0, isAlarm: false) }
}
