import Analytics
public import CoachVocabulary

/// Finds anomalies and change points in sample series, for measurement.
///
/// Reads `nab.csv.gz`, `kpi.csv.gz`, `inj.csv.gz` and `tcpd.csv.gz` of a folder, as far as they are there; never labels
/// or baselines.
public struct DetectionEvaluation: Sendable {
  /// Why a folder cannot be read.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    /// The file and what is wrong with it.
    public var description: String
  }

  /// One series and the part of the benchmark that it belongs to.
  public struct Series: Sendable {
    /// `nab`, `kpi`, `inj` or `tcpd`.
    public var part: String
    /// Its name within the part.
    public var name: String
    /// Not-a-number where a value is missing.
    public var values: [Double]
    /// How many values make a day, where the table says so by its timestamps.
    public var valuesPerDay: Int?
  }

  /// Every series, part by part.
  public let series: [Series]

  /// Reads a folder.
  ///
  /// - Parameter folder: where the tables lie; at least one of them.
  /// - Throws: ``Fault`` when none is there or one cannot be read.
  public init(folder: String) throws(Fault) {
    var series: [Series] = []
    var missing: [String] = []
    for part in ["nab", "kpi", "inj", "tcpd"] {
      do {
        let table = try SampleSeries.inOrder("\(folder)/\(part).csv.gz")
        series += table.map { entry in
          Series(part: part, name: entry.name, values: entry.values, valuesPerDay: Self.valuesPerDay(entry.times))
        }
      } catch {
        missing.append("\(error)")
      }
    }
    guard !series.isEmpty else { throw Fault(description: missing.joined(separator: "; ")) }
    self.series = series
  }

  /// From the median distance of the first timestamps (`2014-04-01 00:05:00`).
  private static func valuesPerDay(_ times: [String]) -> Int? {
    let minutes = times.compactMap { text -> Int? in
      let parts = text.split(separator: " ").last?.split(separator: ":").compactMap { Int($0) } ?? []
      return parts.count == 3 ? 60 * parts[0] + parts[1] : nil
    }
    let steps = zip(minutes, minutes.dropFirst()).map { ($1 - $0 + 1_440) % 1_440 }.sorted()
    guard !steps.isEmpty, steps[steps.count / 2] > 0 else { return nil }
    return 1_440 / steps[steps.count / 2]
  }

  /// Searches one series.
  ///
  /// Gives `{part, series, scores, flags, period?, elapsed_ms}`, for `tcpd` `{part, series, changepoints, elapsed_ms}`,
  /// or `error` for a series that cannot be searched.
  /// - Parameter series: one of ``series``.
  /// - Returns: the answer.
  public func answer(_ series: Series) -> JSONValue {
    let start = ContinuousClock.now
    var answer: [String: JSONValue]
    do throws(DetectionFault) {
      answer = try findings(series)
    } catch {
      answer = ["error": .string(error.description)]
    }
    answer["elapsed_ms"] = .double((ContinuousClock.now - start) / .milliseconds(1))
    answer["part"] = .string(series.part)
    answer["series"] = .string(series.name)
    return .object(answer)
  }

  private func findings(_ series: Series) throws(DetectionFault) -> [String: JSONValue] {
    switch series.part {
    case "nab": return stream(series)
    case "tcpd":
      return [
        "changepoints": .array(try ChangePoints.find(series.values, candidatePeriods: [7, 12, 4]).map { .int($0) })
      ]
    default:
      let report = try AnomalyDetector().detect(series.values, candidatePeriods: [7])
      return [
        "scores": .array(report.scores.map { .double($0) }), "flags": .array(Self.flags(report).map { .int($0) }),
        "period": report.period.map { .int($0) } ?? .null,
      ]
    }
  }

  /// An incident is reported where it begins, once.
  private static func flags(_ report: AnomalyReport) -> [Int] {
    report.findings.flatMap { Array($0.start...min($0.start + 1, $0.end)) }
  }

  /// Values one by one, as they would arrive.
  private func stream(_ series: Series) -> [String: JSONValue] {
    var detector = StreamDetector(period: series.valuesPerDay)
    var scores: [JSONValue] = []
    var flags: [JSONValue] = []
    for (index, value) in series.values.enumerated() {
      let verdict = detector.observe(value)
      scores.append(.double(verdict.score))
      if verdict.isAlarm { flags.append(.int(index)) }
    }
    return ["scores": .array(scores), "flags": .array(flags)]
  }
}
