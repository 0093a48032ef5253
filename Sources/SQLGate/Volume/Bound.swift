/// How large a value can be, as far as the statement tells; of data only a guess.
struct Bound: Hashable, Sendable {
  /// The most letters or bytes of its text form.
  var length: Double
  /// The largest number, without its sign.
  var magnitude: Double

  /// A value of a column: data are what they are, and a statement is not to blame for them.
  static let data = Bound(length: 500, magnitude: 10_000)
  /// A small value such as a date or a part of one.
  static let small = Bound(length: 64, magnitude: 10_000)

  static func number(_ magnitude: Double) -> Bound {
    Bound(length: magnitude > 1 ? max(8, magnitude.logarithm10 + 32) : 32, magnitude: magnitude)
  }

  /// A bound that holds for both.
  func or(_ other: Bound) -> Bound {
    Bound(length: max(length, other.length), magnitude: max(magnitude, other.magnitude))
  }
}

extension Double {
  /// The number of decimal digits before the point, without a library of mathematics.
  fileprivate var logarithm10: Double { isFinite ? Double(exponent) * 0.301_03 + 1 : .infinity }
}
