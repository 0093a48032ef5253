public import CoachVocabulary
public import Questions
public import SemanticLayer
import Warehouse

/// What an answer is composed of, wherever its rows came from.
struct AnswerComposition {
  var question: String
  /// What was understood; nil for a statement that a model wrote.
  var frame: Frame?
  var interpretation: String
  var columns: [ResultColumn]
  var rows: [[JSONValue]]
  /// How many rows there are in all; nil when `rows` is all.
  var totalRows: Int?
  var sql: String?
  var parameters: [JSONValue]
  var notes: [String]

  /// The answer in words, with its chart and what could be asked next.
  func answer(in domain: Domain, parser: QuestionParser, asOf: CivilDate) -> Answer {
    let writer = AnswerWriter(
      model: domain.model,
      asOf: asOf,
      frame: frame,
      columns: columns,
      rows: rows,
      totalRows: totalRows
    )
    var answer = Answer(.answer, question: question, text: writer.text, asOf: asOf)
    answer.interpretation = interpretation
    answer.columns = columns
    answer.rows = rows
    answer.rowsNote = writer.rowsNote
    answer.sql = sql
    answer.parameters = parameters
    answer.frame = frame
    answer.chartConfig = ChartRule.chart(
      columns: columns,
      rows: rows,
      title: interpretation,
      additive: domain.model.additiveMetrics
    )
    answer.suggestions = frame.map { Suggestions(domain: domain, parser: parser).after($0) } ?? []
    answer.notes = notes
    return answer
  }
}

/// Answers questions of a domain at once, without a run: what the parser understands, and nothing else.
public struct DirectAnswers: Sendable {
  private let domain: Domain
  private let asOf: CivilDate
  private let parser: QuestionParser

  /// Makes it for a domain on a day.
  public init(_ domain: Domain, asOf: CivilDate) {
    self.domain = domain
    self.asOf = asOf
    parser = domain.parser(asOf: asOf)
  }

  /// What the parser makes of a question.
  public func read(_ question: String) -> ParsedQuestion { parser.parse(question) }

  /// What was assumed while a question was read, as sentences.
  public func notes(of parsed: ParsedQuestion) -> [String] { parsed.notes.map(\.sentence) }

  /// The answer to a question that was understood, from rows that the gate let pass.
  ///
  /// - Parameters:
  ///   - question: the question as asked.
  ///   - frame: what was understood.
  ///   - notes: what was assumed on the way.
  /// - Returns: the same answer as a run gives.
  /// - Throws: `CompileFailure`, ``QueryFailure``.
  public func answer(_ question: String, _ frame: Frame, notes: [String] = []) async throws -> Answer {
    let query = try parser.compiler.compile(frame).withPoints
    let table = try await domain.run(query)
    var total: Int?
    if let count = query.countSQL {
      total = try await domain.run(count, parameters: query.parameters).rows.first?.first?.intValue
    }
    let cut = table.isTruncated ? ["The result was cut off at \(table.rows.count) rows."] : []
    return AnswerComposition(
      question: question,
      frame: frame,
      interpretation: query.interpretation,
      columns: query.columns,
      rows: table.rows,
      totalRows: total,
      sql: query.sql,
      parameters: query.parameters,
      notes: notes.map(\.sentence) + cut
    ).answer(in: domain, parser: parser, asOf: asOf)
  }
}
