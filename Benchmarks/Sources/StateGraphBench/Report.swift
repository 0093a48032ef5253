import FoundationEssentials

/// The rows of all cases and the two that follow from them.
struct Report {
  let measurements: [Measurement]

  init(_ measurements: [Measurement]) {
    self.measurements =
      measurements
      + [
        Self.peak(measurements), Self.growth(measurements), Self.marginal(measurements), Self.fixed(measurements),
      ].compactMap { $0 }
  }

  private static func peak(_ measurements: [Measurement]) -> Measurement? {
    guard let peak = measurements.compactMap(\.peak).max() else { return nil }
    return Measurement(name: "peak", unit: .megabytes, wall: peak, cpu: nil, peak: peak, target: 60, reference: 387)
  }

  private static func growth(_ measurements: [Measurement]) -> Measurement? {
    let figures = measurements.filter { $0.name.hasPrefix("growth-") }
    guard figures.count == BenchmarkCase.growth.count else { return nil }
    return Measurement(
      name: "growth",
      unit: .percent,
      wall: spread(figures.map(\.wall)),
      cpu: spread(figures.compactMap(\.cpu)),
      peak: nil,
      target: 20
    )
  }

  /// What one more node costs, from the shortest chain to the longest.
  private static func marginal(_ measurements: [Measurement]) -> Measurement? {
    line(measurements).map {
      Measurement(name: "marginal", unit: .microseconds, wall: $0.perNode.wall, cpu: $0.perNode.cpu, peak: nil)
    }
  }

  /// What a run costs besides its nodes, by the same line.
  private static func fixed(_ measurements: [Measurement]) -> Measurement? {
    line(measurements).map {
      Measurement(name: "fixed", unit: .microseconds, wall: $0.perRun.wall, cpu: $0.perRun.cpu, peak: nil)
    }
  }

  private typealias Pair = (wall: Double, cpu: Double)

  /// The line through the whole cost of the shortest chain and that of the longest.
  private static func line(_ measurements: [Measurement]) -> (perNode: Pair, perRun: Pair)? {
    let chains = measurements.compactMap { measurement in
      measurement.name.split(separator: "-").last.flatMap { Double($0) }.map { (measurement, $0) }
    }.filter { $0.0.name.hasPrefix("growth-") }
    guard chains.count == BenchmarkCase.growth.count, let (short, few) = chains.first, let (long, many) = chains.last
    else { return nil }
    let perNode = Pair(
      (long.wall * many - short.wall * few) / (many - few),
      ((long.cpu ?? 0) * many - (short.cpu ?? 0) * few) / (many - few)
    )
    return (perNode, Pair((short.wall - perNode.wall) * few, ((short.cpu ?? 0) - perNode.cpu) * few))
  }

  /// By how many per cent the greatest is above the least.
  private static func spread(_ figures: [Double]) -> Double {
    guard let least = figures.min(), let greatest = figures.max() else { return .nan }
    return (greatest / least - 1) * 100
  }

  private static let titles =
    Dictionary(uniqueKeysWithValues: BenchmarkCase.all.map { ($0.name, $0.title) })
    .merging([
      "peak": "peak resident memory, worst case", "growth": "cost per node, 10 to 10,000: spread",
      "marginal": "one more node, from 10 to 10,000", "fixed": "a run besides its nodes",
    ]) { $1 }

  /// The table for people.
  var text: String {
    let head = ["case", "unit", "wall", "CPU", "target", "", "LangGraph", "ratio", "peak MB"]
    let rows = [head] + measurements.map(Self.row)
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < 2 ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n") + "\n"
  }

  private static func row(_ measurement: Measurement) -> [String] {
    [
      titles[measurement.name] ?? measurement.name,
      measurement.unit.rawValue,
      number(measurement.wall),
      measurement.cpu.map(number) ?? "",
      measurement.target.map { (measurement.unit.isBetterHigher ? "≥ " : "≤ ") + number($0) } ?? "",
      measurement.isMet.map { $0 ? "met" : "missed" } ?? "",
      measurement.reference.map(number) ?? "",
      measurement.ratio.map { number($0) + "x" } ?? "",
      measurement.peak.map(number) ?? "",
    ]
  }

  /// Three digits that count, or all before the point.
  private static func number(_ value: Double) -> String {
    let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return digits == 0 ? String(Int(rounded)) : String(rounded)
  }

  /// The same for programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(measurements), as: UTF8.self) + "\n"
  }
}
