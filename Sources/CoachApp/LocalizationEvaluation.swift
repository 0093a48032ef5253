import Analytics
public import CoachVocabulary

/// Localises the causes of sample cases, for measurement.
///
/// Reads `cases.jsonl` of a folder and the files it names; never labels or baselines.
public struct LocalizationEvaluation: Sendable {
  private let folder: String

  /// Measures on a folder.
  ///
  /// - Parameter folder: where `cases.jsonl` and `data/` lie.
  public init(folder: String) { self.folder = folder }

  /// The lines of `cases.jsonl`.
  ///
  /// - Returns: one line per case.
  /// - Throws: ``GzipFile/Fault`` when the file cannot be read.
  public func lines() throws(GzipFile.Fault) -> [String] {
    let bytes = try GzipFile.bytes(ofFile: "\(folder)/cases.jsonl")
    return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Localises one case: `{id, dims, kind, file, history, target}`.
  ///
  /// Gives `{id, causes: [{dimension: value}], effect, elapsed_ms}`, or `error` for a line or a file that cannot be read.
  /// - Parameter line: one line of `cases.jsonl`.
  /// - Returns: the answer.
  public func answer(_ line: String) -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["id": nil, "error": .string(error.message)]
    }
    let id = input["id"] ?? .null
    do {
      let table = try LocalizationSample(input, folder: folder).table()
      let start = ContinuousClock.now
      let found = try Localizer().localize(table)
      let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
      return [
        "id": id, "causes": .array(found.causes.map(Self.conditions)), "effect": .string(found.effect.rawValue),
        "elapsed_ms": .double(elapsed),
      ]
    } catch {
      return ["id": id, "error": .string("\(error)")]
    }
  }

  private static func conditions(_ cause: Localization.Cause) -> JSONValue {
    .object(Dictionary(cause.conditions.map { ($0.dimension, .string($0.value)) }) { first, _ in first })
  }
}

/// One case of the sample and its files.
private struct LocalizationSample {
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  private let folder: String
  private let names: [String]
  private let isRatio: Bool
  private let file: String
  private let history: String?
  private let target: JSONValue
  private var values: [[String]]
  private var codes: [[UInt32]]
  private var numbers: [[ArraySlice<UInt8>: UInt32]]

  init(_ input: JSONValue, folder: String) throws {
    guard let dimensions = input["dims"]?.arrayValue, let file = input["file"]?.stringValue else {
      throw Fault(description: "'dims' or 'file' is missing")
    }
    self.folder = folder
    self.file = file
    names = dimensions.compactMap(\.stringValue)
    isRatio = input["kind"]?.stringValue == "ratio"
    history = input["history"]?.stringValue
    target = input["target"] ?? .null
    values = names.map { _ in [] }
    codes = names.map { _ in [] }
    numbers = names.map { _ in [:] }
  }

  func table() throws -> BreakdownTable {
    var reading = self
    return try reading.read()
  }

  private mutating func read() throws -> BreakdownTable {
    let leaves = try SampleTable(file: "\(folder)/\(file)")
    let wanted = isRatio ? ["real_a", "real_b", "predict_a", "predict_b"] : ["real", "predict"]
    var columns = try wanted.map { name in
      let column = try leaves.column(name)
      return try (0..<leaves.rowCount).map { try leaves.number($0, column) }
    }
    let places = try names.map { try leaves.column($0) }
    var index: [[UInt32]: Int] = [:]
    for row in 0..<leaves.rowCount {
      let key = code(leaves, row, places)
      if index[key] == nil { index[key] = row }
      for d in names.indices { codes[d].append(key[d]) }
    }
    let earlier = try history.map { try read(SampleTable(file: "\(folder)/\($0)"), &index) }
    let count = codes.first?.count ?? 0
    for c in columns.indices { columns[c] += [Double](repeating: 0, count: count - columns[c].count) }
    let dimensions = zip(names, values).map { BreakdownTable.Dimension(name: $0, values: $1) }
    let measure: BreakdownTable.Measure =
      isRatio
      ? .ratio(
        actual: BreakdownTable.Parts(numerator: columns[0], denominator: columns[1]),
        expected: BreakdownTable.Parts(numerator: columns[2], denominator: columns[3])
      ) : .sum(actual: columns[0], expected: columns[1])
    return BreakdownTable(dimensions: dimensions, codes: codes, measure: measure, history: earlier)
  }

  private mutating func code(_ table: SampleTable, _ row: Int, _ places: [Int]) -> [UInt32] {
    names.indices.map { d in
      let text = table.text(row, places[d])
      if let known = numbers[d][text] { return known }
      let next = UInt32(values[d].count)
      numbers[d][text] = next
      values[d].append(String(decoding: text, as: UTF8.self))
      return next
    }
  }

  /// Periods before the target: steps below it, or dates before it.
  private mutating func read(_ table: SampleTable, _ index: inout [[UInt32]: Int]) throws -> BreakdownTable.History {
    let hasSteps = table.header.contains("step")
    let time = try table.column(hasSteps ? "step" : "date")
    let places = try names.map { try table.column($0) }
    let numerator = try table.column("a")
    let denominator = isRatio ? try table.column("b") : nil
    var stamps: [String: Int] = [:]
    var entries: [(leaf: Int, period: String, value: Double, below: Double)] = []
    for row in 0..<table.rowCount {
      let stamp = String(decoding: table.text(row, time), as: UTF8.self)
      guard isBefore(stamp, hasSteps) else { continue }
      stamps[stamp] = 0
      let key = code(table, row, places)
      if index[key] == nil {
        index[key] = codes.first?.count ?? 0
        for d in names.indices { codes[d].append(key[d]) }
      }
      let below = try denominator.map { try table.number(row, $0) } ?? 0
      entries.append((index[key] ?? 0, stamp, try table.number(row, numerator), below))
    }
    let order = stamps.keys.sorted { hasSteps ? (Int($0) ?? 0) < (Int($1) ?? 0) : $0 < $1 }
    for (position, stamp) in order.enumerated() { stamps[stamp] = position }
    let count = codes.first?.count ?? 0
    var values = [Double](repeating: 0, count: count * order.count)
    var below = [Double](repeating: 0, count: isRatio ? values.count : 0)
    for entry in entries {
      let place = entry.leaf * order.count + (stamps[entry.period] ?? 0)
      values[place] += entry.value
      if isRatio { below[place] += entry.below }
    }
    return BreakdownTable.History(
      periods: order.count,
      season: hasSteps ? nil : 7,
      values: values,
      denominators: below
    )
  }

  private func isBefore(_ stamp: String, _ hasSteps: Bool) -> Bool {
    if hasSteps { return (Int(stamp) ?? 0) < (target.intValue ?? 0) }
    return stamp < (target.stringValue ?? "")
  }
}
