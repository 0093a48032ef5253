import ConcurrencyKit

extension SplitMix64 {
  /// A number from 0 up to but not including 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number from 0 up to but not including `bound`, which is far below 2^32, so the bias does not show.
  mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

  /// True with the given probability.
  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// A whole number near `mean` whose average is exactly `mean`.
  mutating func round(_ mean: Double) -> Int {
    let whole = mean.rounded(.down)
    return Int(whole) + (chance(mean - whole) ? 1 : 0)
  }

  /// How many of many independent visitors buy: a binomial count with the given mean.
  ///
  /// Drawn with comparisons only, because the mathematical functions of two machines may differ in the last bit.
  mutating func count(mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    let visitors = 8 + 4 * Int(mean.rounded(.up))
    let probability = mean / Double(visitors)
    var count = 0
    for _ in 0..<visitors where chance(probability) { count += 1 }
    return count
  }

  /// One of the entries, each as likely as its weight.
  mutating func pick<Entry>(_ entries: [(entry: Entry, weight: Double)]) -> Entry {
    var place = unit() * entries.reduce(0) { $0 + $1.weight }
    for (entry, weight) in entries {
      place -= weight
      if place < 0 { return entry }
    }
    return entries[entries.count - 1].entry
  }
}
