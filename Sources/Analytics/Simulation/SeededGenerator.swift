#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// A fast generator whose numbers follow from its seed alone; not for secrets.
///
/// Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators" (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator; equal seeds give equal numbers.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}

/// Standard normal numbers, two from each round.
///
/// Source: Marsaglia, Bray (1964), "A convenient method for generating normal variables", SIAM Review 6(3).
struct NormalSource {
  private var spare: Double?

  mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let first = Self.unit(&generator)
      let second = Self.unit(&generator)
      let square = first * first + second * second
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spare = second * factor
      return first * factor
    }
  }

  /// A number in -1..<1.
  private static func unit(_ generator: inout some RandomNumberGenerator) -> Double {
    Double(generator.next() >> 11) * 0x1p-52 - 1
  }
}
