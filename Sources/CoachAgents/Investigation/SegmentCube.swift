import Analytics
import CoachVocabulary
import SemanticLayer

/// A metric broken down by several dimensions at once, over the period and the periods before it.
struct SegmentCube {
  let dimensions: [Dimension]
  /// The values of each dimension that occur.
  private(set) var values: [[String]]
  /// The value of each leaf, per dimension.
  private(set) var codes: [[UInt32]]
  /// The periods, oldest first; the last is the one to explain.
  let windows: [DateRange]
  /// The query it comes from; run `t` is window `t`.
  let query: String
  /// Value or numerator of leaf `i` in window `t`, at `i * windows.count + t`.
  private(set) var numerators: [Double]
  /// Denominators at the same places; empty for a sum.
  private(set) var denominators: [Double]

  var leafCount: Int { codes.first?.count ?? 0 }

  /// Puts the rows of each window together.
  init(
    dimensions: [Dimension],
    windows: [DateRange],
    tables: [[[JSONValue]]],
    query: String,
    isRatio: Bool
  ) {
    self.dimensions = dimensions
    self.windows = windows
    self.query = query
    let width = dimensions.count
    var places: [[UInt32]: Int] = [:]
    var names = [[String: UInt32]](repeating: [:], count: width)
    values = [[String]](repeating: [], count: width)
    codes = [[UInt32]](repeating: [], count: width)
    numerators = []
    denominators = []
    for (window, rows) in tables.enumerated() {
      for row in rows where row.count > width {
        var key = [UInt32](repeating: 0, count: width)
        for d in 0..<width {
          let text = Self.name(row[d])
          if let code = names[d][text] {
            key[d] = code
          } else {
            key[d] = UInt32(values[d].count)
            names[d][text] = key[d]
            values[d].append(text)
          }
        }
        let leaf: Int
        if let known = places[key] {
          leaf = known
        } else {
          leaf = places.count
          places[key] = leaf
          for d in 0..<width { codes[d].append(key[d]) }
          numerators += [Double](repeating: 0, count: windows.count)
          if isRatio { denominators += [Double](repeating: 0, count: windows.count) }
        }
        numerators[leaf * windows.count + window] += Self.number(row[width])
        if isRatio, row.count > width + 1 {
          denominators[leaf * windows.count + window] += Self.number(row[width + 1])
        }
      }
    }
  }

  /// The text by which a value is known; rows without one are a group of their own.
  static func name(_ value: JSONValue) -> String {
    value.stringValue ?? value.intValue.map(String.init) ?? "(none)"
  }

  private static func number(_ value: JSONValue) -> Double {
    guard let number = value.doubleValue, number.isFinite else { return 0 }
    return number
  }

  /// Where the change of a window comes from, against the windows before it.
  ///
  /// - Parameters:
  ///   - window: which one is explained; the last when nil.
  ///   - most: how many earlier windows tell what is usual.
  ///   - season: windows after which a pattern repeats, or nil.
  /// - Returns: effect and causes.
  /// - Throws: `LocalizationFault` for a cube that cannot be searched.
  func localize(
    window: Int? = nil,
    history most: Int = .max,
    season: Int?
  ) throws(LocalizationFault) -> Localization {
    let last = window ?? windows.count - 1
    let first = max(0, last - most)
    let count = windows.count
    func column(_ all: [Double], _ t: Int) -> [Double] { (0..<leafCount).map { all[$0 * count + t] } }
    func range(_ all: [Double]) -> [Double] {
      all.isEmpty ? [] : (0..<leafCount).flatMap { all[($0 * count + first)..<($0 * count + last)] }
    }
    let table: BreakdownTable
    let columns = zip(dimensions, values).map { BreakdownTable.Dimension(name: $0.name, values: $1) }
    let periods = last - first
    let hasHistory = periods >= 4
    let history = BreakdownTable.History(
      periods: periods,
      season: season,
      values: range(numerators),
      denominators: range(denominators)
    )
    if denominators.isEmpty {
      table = BreakdownTable(
        dimensions: columns,
        codes: codes,
        measure: .sum(actual: column(numerators, last), expected: hasHistory ? [] : column(numerators, last - 1)),
        history: hasHistory ? history : nil
      )
    } else {
      func parts(_ t: Int) -> BreakdownTable.Parts {
        BreakdownTable.Parts(numerator: column(numerators, t), denominator: column(denominators, t))
      }
      table = BreakdownTable(
        dimensions: columns,
        codes: codes,
        measure: .ratio(actual: parts(last), expected: hasHistory ? .none : parts(last - 1)),
        history: hasHistory ? history : nil
      )
    }
    return try Localizer().localize(table)
  }

  /// Which leaves a segment has.
  func leaves(where conditions: [SegmentCondition]) -> [Int] {
    var wanted: [(Int, UInt32)] = []
    for condition in conditions {
      guard let d = dimensions.firstIndex(where: { $0.name == condition.dimension }),
        let code = values[d].firstIndex(of: condition.value)
      else { return [] }
      wanted.append((d, UInt32(code)))
    }
    return (0..<leafCount).filter { leaf in wanted.allSatisfy { codes[$0.0][leaf] == $0.1 } }
  }

  /// The same segment by its finest names: a value of a dimension with many values says more than one of few.
  func finest(_ conditions: [SegmentCondition]) -> [SegmentCondition] {
    let wanted = occupied(leaves(where: conditions))
    guard let first = wanted.first else { return conditions }
    var result = conditions
    for (index, condition) in conditions.enumerated() {
      var size = values[dimensions.firstIndex { $0.name == condition.dimension } ?? 0].count
      for d in dimensions.indices where values[d].count > size {
        let name = dimensions[d].name
        guard !result.contains(where: { $0.dimension == name }),
          wanted.allSatisfy({ codes[d][$0] == codes[d][first] })
        else { continue }
        var candidate = result
        candidate[index] = SegmentCondition(dimension: name, value: values[d][Int(codes[d][first])])
        guard occupied(leaves(where: candidate)) == wanted else { continue }
        result = candidate
        size = values[d].count
      }
    }
    return result
  }

  /// Whether a window has no record at all.
  func isEmpty(window: Int) -> Bool {
    (0..<leafCount).allSatisfy { numerators[$0 * windows.count + window] == 0 }
  }

  /// Multiplies what a segment has in a window, numerators of a ratio alone.
  mutating func scale(_ conditions: [SegmentCondition], in window: Int, by factor: Double) {
    for leaf in leaves(where: conditions) { numerators[leaf * windows.count + window] *= factor }
  }

  /// Those of some leaves that have anything in the period to explain or before.
  private func occupied(_ leaves: [Int]) -> [Int] {
    leaves.filter { leaf in windows.indices.contains { numerators[leaf * windows.count + $0] != 0 } }
  }

  /// The sums of a segment in each window.
  func sums(where conditions: [SegmentCondition]) -> [(numerator: Double, denominator: Double)] {
    let leaves = leaves(where: conditions)
    return windows.indices.map { t in
      var sum = (numerator: 0.0, denominator: 0.0)
      for leaf in leaves {
        sum.numerator += numerators[leaf * windows.count + t]
        if !denominators.isEmpty { sum.denominator += denominators[leaf * windows.count + t] }
      }
      return sum
    }
  }

  /// The sums of each value of one dimension in a window, in the order of ``values``.
  func groups(of dimension: Int, in window: Int) -> BreakdownTable.Parts {
    var parts = BreakdownTable.Parts(
      numerator: [Double](repeating: 0, count: values[dimension].count),
      denominator: [Double](repeating: 0, count: values[dimension].count)
    )
    for leaf in 0..<leafCount {
      let group = Int(codes[dimension][leaf])
      parts.numerator[group] += numerators[leaf * windows.count + window]
      if !denominators.isEmpty { parts.denominator[group] += denominators[leaf * windows.count + window] }
    }
    return parts
  }
}
