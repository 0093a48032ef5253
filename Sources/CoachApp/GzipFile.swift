import FoundationEssentials

/// Reads `.gz` files.
///
/// A decoder of its own, since measurement is the only place that needs one: RFC 1951 (deflate) and RFC 1952 (gzip).
public enum GzipFile {
  /// Why a file could not be read.
  public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file and what is wrong with it.
    public var description: String
  }

  /// Bound of what one file may hold when unpacked.
  public static let sizeLimit = 1 << 30

  /// The unpacked bytes of a file; a file that is not packed is given as it is.
  ///
  /// - Parameter path: where it lies.
  /// - Returns: at most ``sizeLimit`` bytes.
  /// - Throws: ``Fault`` when it cannot be read or is damaged.
  public static func bytes(ofFile path: String) throws(Fault) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Fault(description: "\(path) cannot be read; does it exist?")
    }
    let packed = [UInt8](data)
    guard packed.count > 1, packed[0] == 0x1f, packed[1] == 0x8b else { return packed }
    do throws(Inflater.Damage) {
      return try Inflater(packed, limit: sizeLimit).gunzip()
    } catch {
      throw Fault(description: "\(path) is damaged: \(error.reason)")
    }
  }
}

/// Unpacks deflate streams.
struct Inflater {
  struct Damage: Error {
    var reason: String
  }

  private let input: [UInt8]
  private let limit: Int
  private var position = 0
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  init(_ input: [UInt8], limit: Int) {
    self.input = input
    self.limit = limit
  }

  /// Every member of a gzip file, one after the other.
  func gunzip() throws(Damage) -> [UInt8] {
    var reader = self
    reader.output.reserveCapacity(input.count * 4)
    while reader.position < input.count {
      let start = reader.output.count
      try reader.header()
      try reader.inflate()
      try reader.trailer(start)
    }
    return reader.output
  }

  // MARK: - Gzip

  private mutating func header() throws(Damage) {
    guard try byte() == 0x1f, try byte() == 0x8b, try byte() == 8 else { throw Damage(reason: "no gzip header") }
    let flags = try byte()
    for _ in 0..<6 { _ = try byte() }
    if flags & 4 != 0 {
      let length = Int(try byte()) | Int(try byte()) << 8
      for _ in 0..<length { _ = try byte() }
    }
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
      while try byte() != 0 {}
    }
    if flags & 2 != 0 { for _ in 0..<2 { _ = try byte() } }
  }

  private mutating func trailer(_ start: Int) throws(Damage) {
    var checksum: UInt32 = 0
    for shift in stride(from: UInt32(0), to: 32, by: 8) { checksum |= UInt32(try byte()) << shift }
    var size: UInt32 = 0
    for shift in stride(from: UInt32(0), to: 32, by: 8) { size |= UInt32(try byte()) << shift }
    guard size == UInt32(truncatingIfNeeded: output.count - start) else { throw Damage(reason: "its length is wrong") }
    guard checksum == Self.checksum(output[start...]) else { throw Damage(reason: "its checksum is wrong") }
  }

  private mutating func byte() throws(Damage) -> UInt8 {
    guard position < input.count else { throw Damage(reason: "it ends too early") }
    position += 1
    return input[position - 1]
  }

  private static let checksumTable: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let table = checksumTable
    return ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ $0 >> 8 }
  }

  // MARK: - Deflate

  private mutating func inflate() throws(Damage) {
    var last = false
    while !last {
      last = try take(1) == 1
      switch try take(2) {
      case 0: try stored()
      case 1: try block(Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try codes()
        try block(literals, distances)
      default: throw Damage(reason: "an unknown kind of block")
      }
    }
    // Whole bytes that were read ahead belong to the trailer.
    position -= bitCount / 8
    bits = 0
    bitCount = 0
  }

  private mutating func fill() {
    while bitCount <= 48, position < input.count {
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  private mutating func take(_ count: Int) throws(Damage) -> Int {
    if bitCount < count { fill() }
    guard bitCount >= count else { throw Damage(reason: "it ends too early") }
    let value = Int(bits & (1 << UInt64(count) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  private mutating func stored() throws(Damage) {
    _ = try take(bitCount % 8)
    let length = try take(16)
    guard try take(16) == ~length & 0xffff else { throw Damage(reason: "a stored block contradicts itself") }
    for _ in 0..<length { output.append(UInt8(try take(8))) }
    guard output.count <= limit else { throw Damage(reason: "it is larger than \(limit) bytes unpacked") }
  }

  /// A Huffman code as a table over the next 15 bits: symbol times 16 plus length.
  private struct Code {
    var table: [UInt16]

    init(_ lengths: [Int]) throws(Damage) {
      table = [UInt16](repeating: 0, count: 1 << 15)
      var counts = [Int](repeating: 0, count: 16)
      for length in lengths where length > 0 { counts[length] += 1 }
      var next = [Int](repeating: 0, count: 17)
      var code = 0
      for length in 1...15 {
        next[length] = code
        code = (code + counts[length]) << 1
        guard code <= 1 << (length + 1) else { throw Damage(reason: "a code that cannot be") }
      }
      for (symbol, length) in lengths.enumerated() where length > 0 {
        var reversed = 0
        for bit in 0..<length where next[length] >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
        next[length] += 1
        let entry = UInt16(symbol << 4 | length)
        for index in stride(from: reversed, to: 1 << 15, by: 1 << length) { table[index] = entry }
      }
    }

    private init(table: [UInt16]) { self.table = table }

    static func fixed(_ lengths: [Int]) -> Code { (try? Code(lengths)) ?? Code(table: []) }
  }

  private static let fixedLiterals = Code.fixed(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
  )
  private static let fixedDistances = Code.fixed([Int](repeating: 5, count: 30))

  private mutating func symbol(_ code: Code) throws(Damage) -> Int {
    if bitCount < 15 { fill() }
    let entry = Int(code.table[Int(bits & 0x7fff)])
    let length = entry & 15
    guard length > 0, length <= bitCount else { throw Damage(reason: "an unknown code") }
    bits >>= UInt64(length)
    bitCount -= length
    return entry >> 4
  }

  private mutating func codes() throws(Damage) -> (literals: Code, distances: Code) {
    let literals = try take(5) + 257
    let distances = try take(5) + 1
    var lengths = [Int](repeating: 0, count: 19)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for index in 0..<(try take(4) + 4) { lengths[order[index]] = try take(3) }
    let meta = try Code(lengths)
    var all: [Int] = []
    while all.count < literals + distances {
      switch try symbol(meta) {
      case let length where length < 16: all.append(length)
      case 16:
        guard let last = all.last else { throw Damage(reason: "a repetition of nothing") }
        all += [Int](repeating: last, count: try take(2) + 3)
      case 17: all += [Int](repeating: 0, count: try take(3) + 3)
      default: all += [Int](repeating: 0, count: try take(7) + 11)
      }
    }
    guard all.count == literals + distances else { throw Damage(reason: "too many code lengths") }
    return (try Code(Array(all[..<literals])), try Code(Array(all[literals...])))
  }

  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12_289, 16_385, 24_577,
  ]

  private mutating func block(_ literals: Code, _ distances: Code) throws(Damage) {
    while true {
      let symbol = try symbol(literals)
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        return
      } else {
        guard symbol < 286 else { throw Damage(reason: "an unknown length") }
        let length = Self.lengthBases[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
        let code = try self.symbol(distances)
        guard code < 30 else { throw Damage(reason: "an unknown distance") }
        let distance = Self.distanceBases[code] + (try take(max(code / 2 - 1, 0)))
        guard distance <= output.count else { throw Damage(reason: "a reference before the beginning") }
        for _ in 0..<length { output.append(output[output.count - distance]) }
      }
      guard output.count <= limit else { throw Damage(reason: "it is larger than \(limit) bytes unpacked") }
    }
  }
}
