import Analytics
public import CoachVocabulary

/// Forecasts sample series and judges goals on them, for measurement.
///
/// Reads `series.jsonl`, `train.csv.gz` and `goals.jsonl` of a folder; never tests, outcomes or baselines.
public struct ForecastEvaluation: Sendable {
  /// Why a folder cannot be read.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    /// The file and what is wrong with it.
    public var description: String
  }

  /// How many futures a goal's probability is counted in.
  private static let futures = 2_000

  /// The lines of `series.jsonl`, one per series.
  public let lines: [String]
  private let values: [String: [Double]]
  private let goals: [String: [Goal]]

  private struct Goal {
    var id: String
    var target: Target
  }

  /// Reads a folder.
  ///
  /// - Parameter folder: where `series.jsonl`, `train.csv.gz` and `goals.jsonl` lie; goals may be absent.
  /// - Throws: ``Fault`` when one of them cannot be read.
  public init(folder: String) throws(Fault) {
    do {
      lines = try Self.lines("\(folder)/series.jsonl")
      values = try SampleSeries.read("\(folder)/train.csv.gz")
      goals = try Self.goals((try? Self.lines("\(folder)/goals.jsonl")) ?? [])
    } catch {
      throw Fault(description: "\(error)")
    }
  }

  private static func lines(_ path: String) throws -> [String] {
    try GzipFile.bytes(ofFile: path).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func goals(_ lines: [String]) throws -> [String: [Goal]] {
    var goals: [String: [Goal]] = [:]
    for line in lines {
      let input = try JSONValue(parsing: line)
      guard
        let id = input["goal"]?.stringValue,
        let series = input["series"]?.stringValue,
        let threshold = input["threshold"]?.doubleValue
      else { throw Fault(description: "goals.jsonl: 'goal', 'series' or 'threshold' is missing in \(line)") }
      let measure: Target.Measure = input["kind"]?.stringValue == "sum" ? .sum : .end
      let direction: Target.Direction = input["direction"]?.stringValue == "le" ? .atMost : .atLeast
      goals[series, default: []].append(Goal(id: id, target: Target(measure, direction, threshold)))
    }
    return goals
  }

  /// Forecasts one series: `{series, freq, m, h}`.
  ///
  /// Gives `{series, mean, lo80, hi80, lo95, hi95, goals: {goal: probability}, elapsed_ms}`, or `error` for a line that
  /// cannot be read or forecast.
  /// - Parameter line: one line of `series.jsonl`.
  /// - Returns: the answer.
  public func answer(_ line: String) -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["series": nil, "error": .string(error.message)]
    }
    let id = input["series"] ?? .null
    guard let name = input["series"]?.stringValue, let known = values[name] else {
      return ["series": id, "error": "'series' is missing or has no values"]
    }
    guard let horizon = input["h"]?.intValue else { return ["series": id, "error": "'h' is missing or no number"] }
    let periods = Self.periods(input["freq"]?.stringValue, input["m"]?.intValue ?? 1)
    let start = ContinuousClock.now
    do throws(ForecastFault) {
      let forecast = try Forecaster().forecast(known, periods: periods, horizon: horizon)
      let (wide, narrow) = (forecast.interval(0.95), forecast.interval(0.8))
      let goals = probabilities(of: goals[name] ?? [], forecast)
      let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
      return [
        "series": id, "mean": Self.numbers(forecast.mean), "lo80": Self.numbers(narrow.map(\.lowerBound)),
        "hi80": Self.numbers(narrow.map(\.upperBound)), "lo95": Self.numbers(wide.map(\.lowerBound)),
        "hi95": Self.numbers(wide.map(\.upperBound)), "goals": .object(goals), "elapsed_ms": .double(elapsed),
      ]
    } catch {
      return ["series": id, "error": .string(error.description)]
    }
  }

  /// Whether `goals.jsonl` has goals on the series of a line; lines that cannot be read count, so that their fault is told.
  public func hasGoals(_ line: String) -> Bool {
    guard let name = (try? JSONValue(parsing: line))?["series"]?.stringValue else { return true }
    return goals[name]?.isEmpty == false
  }

  private func probabilities(of goals: [Goal], _ forecast: Forecast) -> [String: JSONValue] {
    guard !goals.isEmpty else { return [:] }
    var generator = SeededGenerator(seed: 1)
    let futures = forecast.futures(Self.futures, using: &generator)
    return Dictionary(goals.map { ($0.id, .double(futures.probability(of: $0.target))) }) { first, _ in first }
  }

  /// The season given, and for hours the week.
  private static func periods(_ frequency: String?, _ period: Int) -> [Int] {
    frequency == "H" ? [period, 168] : [period]
  }

  private static func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .double($0) }) }
}
