/// A set of nodes, or of channels, by their indexes, one bit each; sets of up to 64 nodes need no memory of their own.
struct NodeSet: Hashable, Sendable {
  private var first: UInt64 = 0
  private var rest: [UInt64] = []

  init() {}

  init(_ members: [Int]) {
    for member in members { insert(member) }
  }

  var isEmpty: Bool { first == 0 && rest.allSatisfy { $0 == 0 } }

  mutating func insert(_ member: Int) {
    if member < 64 {
      first |= 1 << UInt64(member)
      return
    }
    let word = member / 64 - 1
    while rest.count <= word { rest.append(0) }
    rest[word] |= 1 << UInt64(member % 64)
  }

  mutating func remove(_ member: Int) {
    if member < 64 {
      first &= ~(1 << UInt64(member))
    } else if member / 64 - 1 < rest.count {
      rest[member / 64 - 1] &= ~(1 << UInt64(member % 64))
    }
  }

  func contains(_ member: Int) -> Bool {
    if member < 64 { return first & (1 << UInt64(member)) != 0 }
    let word = member / 64 - 1
    return word < rest.count && rest[word] & (1 << UInt64(member % 64)) != 0
  }

  mutating func formUnion(_ other: NodeSet) {
    first |= other.first
    while rest.count < other.rest.count { rest.append(0) }
    for index in other.rest.indices { rest[index] |= other.rest[index] }
  }

  func isSuperset(of other: NodeSet) -> Bool {
    guard other.first & ~first == 0 else { return false }
    return other.rest.indices.allSatisfy { other.rest[$0] & ~($0 < rest.count ? rest[$0] : 0) == 0 }
  }

  /// The members in ascending order.
  var members: [Int] {
    var result: [Int] = []
    Self.collect(first, from: 0, into: &result)
    for index in rest.indices { Self.collect(rest[index], from: (index + 1) * 64, into: &result) }
    return result
  }

  private static func collect(_ word: UInt64, from base: Int, into result: inout [Int]) {
    var left = word
    while left != 0 {
      result.append(base + left.trailingZeroBitCount)
      left &= left - 1
    }
  }
}
