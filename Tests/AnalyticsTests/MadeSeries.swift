import Foundation

@testable import Analytics

/// Series with known make-up, the same for the same seed.
enum MadeSeries {
  /// Independent standard normal values.
  static func noise(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    var source = NormalSource()
    return (0..<count).map { _ in source.next(using: &generator) }
  }

  /// A weekly pattern around 100 with a little noise.
  static func weekly(_ count: Int, noise size: Double = 2, seed: UInt64 = 1) -> [Double] {
    let pattern = [10.0, 6, 2, 0, -2, -6, -10]
    return zip(0..<count, noise(count, seed: seed)).map { 100 + pattern[$0 % 7] + size * $1 }
  }

  /// Hours with a daily wave and low weekends around 100, without noise.
  static func hour(_ index: Int) -> Double {
    let angle = 2 * Double.pi * Double(index % 24) / 24
    let isWeekend = index / 24 % 7 >= 5
    return 100 + 20 * sin(angle) - (isWeekend ? 30 : 0)
  }

  /// A random walk.
  static func walk(_ count: Int, seed: UInt64) -> [Double] {
    var sum = 0.0
    return noise(count, seed: seed).map { step in
      sum += step
      return sum
    }
  }

  /// A first-order autoregression around 0.
  static func autoregression(_ count: Int, _ share: Double, seed: UInt64) -> [Double] {
    var last = 0.0
    return noise(count, seed: seed).map { shock in
      last = share * last + shock
      return last
    }
  }
}
