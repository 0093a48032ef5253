/// How a series resembles its own past.
public enum Autocorrelation {
  /// The autocorrelations at lags 0 to `last`, with the usual divisor (the whole series' sum of squares).
  ///
  /// Source: Box, Jenkins (1970), "Time Series Analysis", section 2.1.
  ///
  /// - Parameters:
  ///   - values: all finite.
  ///   - last: the largest lag.
  /// - Returns: `last + 1` numbers in -1...1; all zero behind lag 0 for a constant series.
  public static func of(_ values: [Double], upTo last: Int) -> [Double] {
    let count = values.count
    var answer = [Double](repeating: 0, count: last + 1)
    answer[0] = 1
    guard count > 1 else { return answer }
    let mean = values.reduce(0, +) / Double(count)
    let centered = values.map { $0 - mean }
    return centered.withUnsafeBufferPointer { centered in
      var total = 0.0
      for value in centered { total += value * value }
      guard total > 0 else { return answer }
      for lag in 1..<max(2, min(last + 1, count)) where lag <= last {
        var sum = 0.0
        for index in lag..<count { sum += centered[index] * centered[index - lag] }
        answer[lag] = sum / total
      }
      return answer
    }
  }
}
