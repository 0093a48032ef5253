/// A 64-bit fingerprint that is the same in every process; for noticing change, not for security.
///
/// Source: Fowler, Noll, Vo, "FNV-1a".
struct StableHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Adds a text; each text ends with a mark, so that "ab" + "c" differs from "a" + "bc".
  mutating func combine(_ text: String) {
    for byte in text.utf8 { mix(byte) }
    mix(0xFF)
  }

  /// The fingerprint as 16 hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private mutating func mix(_ byte: UInt8) {
    value ^= UInt64(byte)
    value = value &* 0x0000_0100_0000_01B3
  }
}
