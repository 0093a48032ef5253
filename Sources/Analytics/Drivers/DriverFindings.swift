/// Series that move before a target does, beyond what chance explains.
///
/// "Moves before" is not "causes": only an experiment shows that.
public struct DriverFindings: Hashable, Sendable {
  /// One series that moves before the target.
  public struct Driver: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// By how many times it leads.
    public var lag: Int
    /// Change of the target per unit of the driver, in the target's unit, all other drivers held fixed.
    public var effect: Double
    /// Standard error of ``effect``.
    public var standardError: Double
    /// Correlation of what is left of both once season, trend, memory and the other drivers are taken out, -1...1.
    public var partialCorrelation: Double
    /// Probability of a finding this strong by chance, among all candidates and lags that were tried.
    public var adjustedProbability: Double

    /// 1 when the target rises with the driver, -1 when it falls.
    public var sign: Int { effect < 0 ? -1 : 1 }
  }

  /// The drivers, the strongest first; none when nothing stands out.
  public var drivers: [Driver]
  /// Candidates that could not be judged since they do not vary beyond season and trend.
  public var constant: [String]
  /// How many independent observations what is left of the target is worth.
  public var effectiveObservations: Double
  /// Share of the target's variance, season and trend taken out, that the drivers explain.
  public var explained: Double
}

/// Why drivers cannot be sought.
public enum DriverFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no candidate.
  case noCandidates
  /// Fewer times than the method needs.
  case tooShort(count: Int, needed: Int)
  /// A series has another length than the target.
  case unequalLength(name: String, count: Int, wanted: Int)
  /// A lag or season that cannot be.
  case badSetting(String)
  /// A value is infinite.
  case infinite(name: String, index: Int)
  /// More than a third of the target is missing.
  case missing(share: Double)
  /// The target does not vary beyond season and trend.
  case constantTarget
  /// More numbers than are searched at once.
  case tooLarge(values: Int, limit: Int)

  /// What is wrong, and how to mend it.
  public var description: String {
    switch self {
    case .noCandidates: "there is no candidate; name at least one series that may drive the target"
    case .tooShort(let count, let needed):
      "\(count) times are too few to tell a driver from chance; at least \(needed) are needed"
    case .unequalLength(let name, let count, let wanted): "'\(name)' has \(count) values, the target has \(wanted)"
    case .badSetting(let what): what
    case .infinite(let name, let index): "value \(index) of '\(name)' is infinite"
    case .missing(let share): "\(Int((share * 100).rounded())) % of the target is missing; at most a third may be"
    case .constantTarget: "the target does not vary beyond its season and trend; there is nothing to explain"
    case .tooLarge(let values, let limit):
      "\(values) numbers are more than the \(limit) that are searched at once; use fewer candidates or a shorter period"
    }
  }
}
