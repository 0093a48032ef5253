import Glibc

/// Statistics helpers of the search for drivers.
enum DriverStatistics {
  /// Probability that a Student variable with `freedom` degrees of freedom is beyond plus or minus `t`.
  ///
  /// I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2), by the continued fraction of the incomplete beta function
  /// (Lentz; DLMF 8.17.22).
  static func studentTails(_ t: Double, freedom: Double) -> Double {
    guard freedom > 0, t.isFinite else { return t.isFinite ? 1 : 0 }
    let x = freedom / (freedom + t * t)
    return incompleteBeta(freedom / 2, 0.5, x)
  }

  private static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2) { return front * continuedFraction(a, b, x) / a }
    return 1 - front * continuedFraction(b, a, 1 - x) / b
  }

  private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1), tiny)
    var value = d
    for m in 1...300 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d, tiny)
      c = nonzero(1 + even / c, tiny)
      value *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d, tiny)
      c = nonzero(1 + odd / c, tiny)
      let step = d * c
      value *= step
      if abs(step - 1) < 1e-12 { break }
    }
    return value
  }

  private static func nonzero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }

  /// Scalar product of `count` numbers.
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    var i = 0
    while i + 4 <= count {
      let left = SIMD4(a[i], a[i + 1], a[i + 2], a[i + 3])
      let right = SIMD4(b[i], b[i + 1], b[i + 2], b[i + 3])
      sums += left * right
      i += 4
    }
    var sum = sums.sum()
    while i < count {
      sum += a[i] * b[i]
      i += 1
    }
    return sum
  }

  /// Scalar product of two arrays of the same length.
  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let left = a.baseAddress, let right = b.baseAddress else { return 0 }
        return dot(left, right, min(a.count, b.count))
      }
    }
  }

  /// a - factor * b.
  static func subtract(_ factor: Double, _ b: [Double], from a: inout [Double]) {
    for i in a.indices { a[i] -= factor * b[i] }
  }
}
