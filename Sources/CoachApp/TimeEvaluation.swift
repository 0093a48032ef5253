public import CoachVocabulary
import Questions
import SemanticLayer

/// Reads expressions of time for measurement: one JSON object in, one out.
public struct TimeEvaluation: Sendable {
  private let fiscalStartMonth: Int
  private let weekStart: Int

  /// Measures under a calendar.
  ///
  /// - Parameters:
  ///   - fiscalStartMonth: the first month of the fiscal year, 1 to 12.
  ///   - weekStart: the first day of the week, 1 for Monday to 7 for Sunday.
  public init(fiscalStartMonth: Int, weekStart: Int) {
    self.fiscalStartMonth = fiscalStartMonth
    self.weekStart = weekStart
  }

  /// Reads one line: `{id, text, ref}`, with an optional `config.fiscal_start_month` of its own.
  ///
  /// Gives `{id, start, end}` with `end` excluded and null for an open side or where the text says no time, `ranges` as
  /// well when it says several, or `error` for a line that is no such object.
  public func answer(_ line: String) -> JSONValue {
    let input: JSONValue
    do throws(JSONFailure) {
      input = try JSONValue(parsing: line)
    } catch {
      return ["id": nil, "error": .string(error.message)]
    }
    let id = input["id"] ?? .null
    guard let text = input["text"]?.stringValue else { return ["id": id, "error": "'text' is missing or no string"] }
    guard let reference = input["ref"]?.stringValue, let day = CivilDate(reference) else {
      return ["id": id, "error": "'ref' is missing or no date (YYYY-MM-DD)"]
    }
    let calendar = BusinessCalendar(
      asOf: day,
      weekStart: weekStart,
      fiscalStartMonth: input["config"]?["fiscal_start_month"]?.intValue ?? fiscalStartMonth
    )
    let ranges = TimeReading.ranges(in: text, calendar: calendar).map(Self.sides)
    var output: [String: JSONValue] = ["id": id, "start": ranges.first?[0] ?? .null, "end": ranges.first?[1] ?? .null]
    if ranges.count > 1 { output["ranges"] = .array(ranges.map { .array($0) }) }
    return .object(output)
  }

  /// Start and end as text; the start of "until March" is open.
  private static func sides(_ range: DateRange) -> [JSONValue] {
    let start: JSONValue = range.start == TimeReading.beginning ? .null : .string(range.start.description)
    return [start, .string(range.end.description)]
  }
}
