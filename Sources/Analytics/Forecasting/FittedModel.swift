/// A model whose parameters are fixed, ready to forecast from the end of its series and from earlier points of it.
///
/// Forecasts from earlier points use the same parameters, so their errors are a little too small; the ensemble's
/// intervals allow for that (see ``Forecaster``).
protocol FittedModel: Sendable {
  /// Forecasts as if only the first `origin` values were known.
  ///
  /// - Parameters:
  ///   - origins: numbers of known values, ascending, each in 1...count.
  ///   - horizon: how many values follow; at least 1.
  /// - Returns: for each origin `horizon` values.
  func forecasts(from origins: [Int], horizon: Int) -> [[Double]]
}
