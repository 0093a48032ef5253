import Charts
public import CoachAPI
import CoachAgents
public import CoachVocabulary
import FoundationEssentials
import Persistence
import SemanticLayer
import SpreadsheetKit
import StateGraph
import Warehouse

extension CoachApplication: AnswerExports {
  /// The chart of a run's answer, as its configuration or drawn.
  public func chart(of run: RunID, as form: ChartForm) async throws(CoachProblem) -> [UInt8] {
    let answer = try await keptAnswer(of: run)
    guard let config = answer["chart_config"], !config.isNull else { throw .nothingToExport(run, what: "chart") }
    switch form {
    case .configuration: return Array(config.text.utf8)
    case .svg:
      guard let picture = ChartPicture(config) else { throw .nothingToExport(run, what: "chart that can be drawn") }
      return Array(ChartDrawing.svg(of: picture).utf8)
    }
  }

  /// All rows behind a run's answer.
  public func rows(of run: RunID, as form: SheetForm) async throws(CoachProblem) -> ExportedRows {
    let answer = try await keptAnswer(of: run)
    let columns = (try? answer["columns"]?.decoded(as: [ResultColumn].self)) ?? []
    guard !columns.isEmpty else { throw .nothingToExport(run, what: "rows") }
    let kept = (answer["rows"]?.arrayValue ?? []).compactMap(\.arrayValue)
    let table = try await table(of: answer, kept, columns)
    let sheet = AnswerSheet(columns: columns, form: form).sheet(table.rows, about: Self.about(answer, table.rows.count))
    let bytes: [UInt8]
    switch form {
    case .csv: bytes = CSVWriter.bytes(sheet, hasByteOrderMark: true)
    case .xlsx: bytes = try workbook(sheet)
    }
    return ExportedRows(
      bytes: bytes,
      fileName: "\(Self.fileStem(of: answer)).\(form.rawValue)",
      rowCount: table.rows.count,
      isCut: table.isTruncated,
      hasChanged: Array(table.rows.prefix(kept.count)) != kept
    )
  }

  // MARK: - Rows

  /// The rows of the kept statement, now; those of the answer itself where no statement gives them, as for investigations.
  private func table(
    of answer: JSONValue,
    _ kept: [[JSONValue]],
    _ columns: [ResultColumn]
  ) async throws(CoachProblem) -> ResultTable {
    let names = columns.map(\.name)
    guard answer["outcome"] == "answer", let sql = answer["sql"]?.stringValue,
      let domain = try await exportDomain(of: answer)
    else { return ResultTable(columns: names, rows: kept) }
    do throws(QueryFailure) {
      let table = try await domain.read(sql, parameters: answer["parameters"]?.arrayValue ?? [])
      if table.columns.count == names.count { return table }
    } catch {
      throw .exportFailed(detail: "The statement of the answer could not be run again: \(error)")
    }
    throw .exportFailed(detail: "The statement of the answer gives other columns now; ask the question again.")
  }

  private func exportDomain(of answer: JSONValue) async throws(CoachProblem) -> Domain? {
    guard let id = answer["session_id"]?.stringValue else { return nil }
    let session: ChatSession?
    do throws(PersistenceFailure) {
      session = try await sessions.session(SessionID(id))
    } catch {
      throw exportFault(error)
    }
    guard let name = session?.domain else { return nil }
    if let detail = unavailable[name] { throw .databaseMissing(detail: detail) }
    return domains[name]
  }

  /// The answer that was kept with the conversation of a run.
  private func keptAnswer(of run: RunID) async throws(CoachProblem) -> JSONValue {
    let found: JSONValue?
    do {
      guard let record = try await database.checkpoints(of: .local).record(of: run) else {
        throw CoachProblem.unknownRun(run)
      }
      let messages = try await sessions.messages(of: SessionID(record.thread.rawValue), last: Self.searchedMessages)
      found = messages.last { $0.run == run && $0.role == .assistant }?.answer
    } catch let problem as CoachProblem {
      throw problem
    } catch {
      throw exportFault(error)
    }
    guard let found else { throw .nothingToExport(run, what: "answer yet") }
    return found
  }

  /// How far back in a conversation the answer of a run is looked for.
  private static let searchedMessages = 2_000

  private func exportFault(_ error: any Error) -> CoachProblem {
    let reference = surroundings.identifiers.next(RunKind.self).rawValue
    surroundings.log("fault \(reference): \(error)")
    return .internal(reference: reference)
  }

  // MARK: - Files

  private func workbook(_ sheet: Sheet) throws(CoachProblem) -> [UInt8] {
    do {
      let folder = try PrivateFolder()
      defer { folder.remove() }
      let path = folder.file("rows.xlsx")
      try XLSXWriter.write(sheet, to: path)
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch let failure as SpreadsheetFailure where failure.kind == .tooLarge {
      throw .exportFailed(detail: failure.message)
    } catch {
      throw exportFault(error)
    }
  }

  private static func about(_ answer: JSONValue, _ count: Int) -> [Sheet.About] {
    let lines: [(String, String?)] = [
      ("Question", answer["question"]?.stringValue), ("Answer", answer["text"]?.stringValue),
      ("Measured", answer["interpretation"]?.stringValue), ("Data to", answer["as_of"]?.stringValue),
      ("Rows", "\(count)"), ("SQL", answer["sql"]?.stringValue),
      ("Parameters", answer["parameters"].flatMap { $0.arrayValue?.isEmpty == false ? $0.text : nil }),
      ("Run", answer["run_id"]?.stringValue),
    ]
    return lines.compactMap { name, text in text.flatMap { $0.isEmpty ? nil : Sheet.About(name, $0) } }
  }

  /// The question in small letters, digits and hyphens.
  private static func fileStem(of answer: JSONValue) -> String {
    let question = (answer["question"]?.stringValue ?? "").lowercased()
    let words = question.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let stem = words.joined(separator: "-").prefix(60)
    return stem.isEmpty ? "answer" : String(stem)
  }
}
