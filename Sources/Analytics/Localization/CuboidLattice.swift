/// Every segment of a table: each set of dimensions is a cuboid, each combination of values that occurs in it a slot.
///
/// Sums over segments are kept in one array over all slots; leaves can be taken out without starting again.
struct CuboidLattice {
  /// A set of dimensions, and where its slots lie.
  struct Cuboid {
    var dimensions: [Int]
    var offset: Int
    var count: Int
    /// Slots that have a leaf.
    var occupied: Int
  }

  let leafCount: Int
  private(set) var cuboids: [Cuboid] = []
  private(set) var slotCount = 0
  /// Slot of leaf `i` in cuboid `c`, at `c * leafCount + i`.
  private(set) var slots: [UInt32] = []
  /// A leaf of each slot, or the largest number where there is none.
  private(set) var representative: [UInt32] = []

  /// Cuboids beyond this number are left out, those of most dimensions first.
  static let cuboidLimit = 256
  /// Bound of leaves times cuboids; 4 bytes each.
  static let entryLimit = 100_000_000

  /// The sets of dimensions that are searched, smaller ones first; each one's last dimension is its largest.
  static func searchedSets(_ dimensions: Int) -> [[Int]] {
    var layer: [[Int]] = [[]]
    var all: [[Int]] = []
    while !layer.isEmpty {
      var next: [[Int]] = []
      for set in layer {
        for dimension in ((set.last ?? -1) + 1)..<max(dimensions, (set.last ?? -1) + 1) {
          next.append(set + [dimension])
        }
      }
      if all.count + next.count > cuboidLimit, !all.isEmpty { break }
      all += next
      layer = next
    }
    return all
  }

  init(sizes: [Int], codes: [[UInt32]]) {
    leafCount = codes.first?.count ?? 0
    let sets = Self.searchedSets(sizes.count)
    slots = [UInt32](repeating: 0, count: sets.count * leafCount)
    var place: [[Int]: Int] = [:]
    var local = [UInt32](repeating: 0, count: leafCount)
    for (index, set) in sets.enumerated() {
      guard let last = set.last else { continue }
      var width = sizes[last]
      if set.count == 1 {
        for i in 0..<leafCount { local[i] = codes[last][i] }
      } else if let parent = place[Array(set.dropLast())] {
        let above = cuboids[parent]
        width = above.count * sizes[last]
        combine(parent * leafCount, above.offset, codes[last], sizes[last], &local, &width)
      }
      append(set, width: width, local: local, at: index * leafCount)
      place[set] = index
    }
  }

  /// Numbers the combinations of a parent's slot and a code; compactly where most of them do not occur.
  private func combine(
    _ start: Int,
    _ offset: Int,
    _ codes: [UInt32],
    _ size: Int,
    _ local: inout [UInt32],
    _ width: inout Int
  ) {
    if width <= 2 * leafCount + 1024 {
      local.withUnsafeMutableBufferPointer { local in
        slots.withUnsafeBufferPointer { slots in
          codes.withUnsafeBufferPointer { codes in
            let offset = UInt32(offset)
            let size = UInt32(size)
            for i in 0..<leafCount { local[i] = (slots[start + i] &- offset) &* size &+ codes[i] }
          }
        }
      }
      return
    }
    var numbers: [Int: UInt32] = [:]
    numbers.reserveCapacity(leafCount)
    for i in 0..<leafCount {
      let key = (Int(slots[start + i]) - offset) * size + Int(codes[i])
      let next = UInt32(numbers.count)
      local[i] = numbers[key, default: next]
      if local[i] == next { numbers[key] = next }
    }
    width = numbers.count
  }

  private mutating func append(_ set: [Int], width: Int, local: [UInt32], at start: Int) {
    let offset = slotCount
    representative += [UInt32](repeating: .max, count: width)
    var occupied = 0
    slots.withUnsafeMutableBufferPointer { slots in
      representative.withUnsafeMutableBufferPointer { representative in
        local.withUnsafeBufferPointer { local in
          for i in 0..<leafCount {
            let slot = offset + Int(local[i])
            slots[start + i] = UInt32(slot)
            if representative[slot] == .max {
              representative[slot] = UInt32(i)
              occupied += 1
            }
          }
        }
      }
    }
    slotCount += width
    cuboids.append(Cuboid(dimensions: set, offset: offset, count: width, occupied: occupied))
  }

  /// The cuboid a slot belongs to.
  func cuboid(of slot: Int) -> Int {
    var low = 0
    var high = cuboids.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if cuboids[middle].offset <= slot { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The leaves of a slot.
  func leaves(of slot: Int, in cuboid: Int) -> [Int] {
    var found: [Int] = []
    let wanted = UInt32(slot)
    slots.withUnsafeBufferPointer { slots in
      let start = cuboid * leafCount
      for i in 0..<leafCount where slots[start + i] == wanted { found.append(i) }
    }
    return found
  }

  /// Adds one number per leaf over every slot.
  func sums(_ values: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: slotCount)
    sums.withUnsafeMutableBufferPointer { sums in
      slots.withUnsafeBufferPointer { slots in
        values.withUnsafeBufferPointer { values in
          for c in cuboids.indices {
            let start = c * leafCount
            for i in 0..<leafCount { sums[Int(slots[start + i])] += values[i] }
          }
        }
      }
    }
    return sums
  }

  /// Takes leaves out of sums; one value per leaf that is taken.
  func subtract(_ values: [Double], of leaves: [Int], from sums: inout [Double]) {
    sums.withUnsafeMutableBufferPointer { sums in
      slots.withUnsafeBufferPointer { slots in
        for c in cuboids.indices {
          let start = c * leafCount
          for (value, i) in zip(values, leaves) { sums[Int(slots[start + i])] -= value }
        }
      }
    }
  }
}
