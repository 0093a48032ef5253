import Testing

@testable import Analytics

@Suite struct `The lattice of segments` {
  @Test func `sums over every segment are those of its leaves`() {
    var numbers = SeededNumbers(1)
    let sizes = [3, 40, 50, 60]
    let codes = sizes.map { size in (0..<500).map { _ in UInt32.random(in: 0..<UInt32(size), using: &numbers) } }
    let values = (0..<500).map { _ in numbers.uniform() }
    // The products of the sizes exceed the dense limit, so that both ways of numbering are used.
    let lattice = CuboidLattice(sizes: sizes, codes: codes)
    #expect(lattice.cuboids.count == 15)
    let sums = lattice.sums(values)
    for (index, cuboid) in lattice.cuboids.enumerated() {
      for slot in cuboid.offset..<(cuboid.offset + cuboid.count) where lattice.representative[slot] != .max {
        let leaf = Int(lattice.representative[slot])
        let members = (0..<500).filter { i in cuboid.dimensions.allSatisfy { codes[$0][i] == codes[$0][leaf] } }
        #expect(lattice.leaves(of: slot, in: index) == members)
        #expect(abs(sums[slot] - members.reduce(0) { $0 + values[$1] }) < 1e-9)
        #expect(lattice.cuboid(of: slot) == index)
      }
    }
  }

  @Test func `leaves that are taken out are in no sum`() {
    let lattice = CuboidLattice(sizes: [2, 2], codes: [[0, 0, 1, 1], [0, 1, 0, 1]])
    var sums = lattice.sums([1, 2, 4, 8])
    lattice.subtract([2, 8], of: [1, 3], from: &sums)
    let expected = lattice.sums([1, 0, 4, 0])
    #expect(sums == expected)
  }

  @Test(arguments: [(1, 1), (3, 7), (8, 255), (9, 255), (12, 78)])
  func `sets of dimensions are searched up to a bound`(dimensions: Int, sets: Int) {
    let searched = CuboidLattice.searchedSets(dimensions)
    #expect(searched.count <= CuboidLattice.cuboidLimit)
    #expect(searched.count == sets || dimensions == 9)
    #expect(searched.contains { $0.count == 1 })
  }

  @Test func `a quantile is that of the sorted values`() {
    var numbers = SeededNumbers(2)
    for count in [1, 2, 3, 10, 101, 500] {
      let values = (0..<count).map { _ in (numbers.uniform() * 20).rounded() }
      let sorted = values.sorted()
      for level in [0, 0.25, 0.5, 0.77, 1] {
        let position = level * Double(count - 1)
        let low = Int(position)
        let high = min(low + 1, count - 1)
        let wanted = sorted[low] + (sorted[high] - sorted[low]) * (position - Double(low))
        #expect(abs(LeafStatistics.quantile(values, level) - wanted) < 1e-12)
      }
    }
  }
}
