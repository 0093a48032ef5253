import Analytics
public import CoachVocabulary

/// Seeks the drivers of sample panels, for measurement.
///
/// Reads `panels.jsonl` and `panels.csv.gz` of a folder; never labels or baselines.
public struct DriverEvaluation: Sendable {
  /// Why a folder cannot be read.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    /// The file and what is wrong with it.
    public var description: String
  }

  /// The lines of `panels.jsonl`, one per panel.
  public let lines: [String]
  private let series: [String: [String: [Double]]]

  /// Reads a folder.
  ///
  /// - Parameter folder: where `panels.jsonl` and `panels.csv.gz` lie.
  /// - Throws: ``Fault`` when one of them cannot be read.
  public init(folder: String) throws(Fault) {
    do {
      let bytes = try GzipFile.bytes(ofFile: "\(folder)/panels.jsonl")
      lines = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      series = try Self.series(SampleTable(file: "\(folder)/panels.csv.gz"))
    } catch {
      throw Fault(description: "\(error)")
    }
  }

  /// Values by panel and variable, in the order of time; a gap is NaN.
  private static func series(_ table: SampleTable) throws -> [String: [String: [Double]]] {
    let columns = try ["panel", "var", "t", "value"].map { try table.column($0) }
    var series: [String: [String: [Double]]] = [:]
    for row in 0..<table.rowCount {
      let panel = String(decoding: table.text(row, columns[0]), as: UTF8.self)
      let variable = String(decoding: table.text(row, columns[1]), as: UTF8.self)
      let time = Int(try table.number(row, columns[2]))
      let value = table.text(row, columns[3]).isEmpty ? .nan : try table.number(row, columns[3])
      guard time >= 0, time < 1_000_000 else { throw Fault(description: "row \(row + 1): a time of \(time)") }
      place(value, at: time, in: &series[panel, default: [:]][variable, default: []])
    }
    return series
  }

  private static func place(_ value: Double, at time: Int, in values: inout [Double]) {
    while values.count <= time { values.append(.nan) }
    values[time] = value
  }

  /// Seeks the drivers of one panel: `{panel, n, target, candidates, max_lag, season}`.
  ///
  /// Gives `{panel, found: [{var, lag, sign, p}], elapsed_ms}`, or `error` for a line that cannot be read.
  /// - Parameter line: one line of `panels.jsonl`.
  /// - Returns: the answer.
  public func answer(_ line: String) -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["panel": nil, "error": .string(error.message)]
    }
    let id = input["panel"] ?? .null
    do {
      let panel = try panel(input)
      let start = ContinuousClock.now
      let found = try DriverFinder().drivers(of: panel)
      let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
      return ["panel": id, "found": .array(found.drivers.map(Self.line)), "elapsed_ms": .double(elapsed)]
    } catch {
      return ["panel": id, "error": .string("\(error)")]
    }
  }

  private static func line(_ driver: DriverFindings.Driver) -> JSONValue {
    [
      "var": .string(driver.name), "lag": .int(driver.lag), "sign": .int(driver.sign),
      "p": .double(driver.adjustedProbability),
    ]
  }

  private func panel(_ input: JSONValue) throws -> DriverPanel {
    guard let id = input["panel"]?.stringValue, let values = series[id] else {
      throw Fault(description: "'panel' is missing or has no values")
    }
    guard let name = input["target"]?.stringValue, let target = values[name] else {
      throw Fault(description: "'target' is missing or has no values")
    }
    let candidates = (input["candidates"]?.arrayValue ?? []).compactMap(\.stringValue).map { name in
      let known = values[name] ?? []
      let padded = known + [Double](repeating: .nan, count: max(target.count - known.count, 0))
      return DriverPanel.Candidate(name: name, values: padded)
    }
    return DriverPanel(
      target: target,
      candidates: candidates,
      maximumLag: input["max_lag"]?.intValue ?? 14,
      season: input["season"]?.intValue
    )
  }
}
