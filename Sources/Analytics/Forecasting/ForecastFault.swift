/// Why a series cannot be forecast, in words for the person who asked.
public enum ForecastFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Too few values are known.
  case tooLittleHistory(known: Int, needed: Int)
  /// The horizon is not in 1...``Forecaster/maximumHorizon``.
  case horizonOutOfRange(Int)
  /// More values than ``Forecaster/maximumCount``.
  case tooLong(count: Int)
  /// A value is infinite; missing values are written as not-a-number.
  case infiniteValue(index: Int)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .tooLittleHistory(let known, let needed):
      "too little history: \(known) known values, at least \(needed) are needed; wait, or choose a finer grain"
    case .horizonOutOfRange(let horizon):
      "a horizon of \(horizon) is outside 1...\(Forecaster.maximumHorizon); choose a nearer date or a coarser grain"
    case .tooLong(let count):
      "\(count) values are more than \(Forecaster.maximumCount); choose a coarser grain or a later start"
    case .infiniteValue(let index):
      "value \(index) is infinite; correct the series, a missing value is no number"
    }
  }
}
