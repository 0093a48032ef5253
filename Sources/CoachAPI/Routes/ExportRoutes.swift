import CoachVocabulary
import HTTPServerKit

/// `GET /api/v1/coach/runs/{id}/chart`: the chart of an answer, as a Chart.js configuration or, on `Accept: image/svg+xml`,
/// as a drawing.
struct ReadChart: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/chart"
  let exports: any AnswerExports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let media = try request.negotiate(.json, .svg)
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let form: ChartForm = media == .svg ? .svg : .configuration
    let bytes = try await asking { () throws(CoachProblem) in try await exports.chart(of: run, as: form) }
    var headers = [("Content-Type", media.text), ("Cache-Control", "no-store"), ("Vary", "Accept")]
    // A drawing opened by itself may use its own styles and nothing else.
    if form == .svg { headers.append(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")) }
    return HTTPServerResponse(status: 200, headers: headers, body: .bytes(bytes))
  }
}

/// `GET /api/v1/coach/runs/{id}/chart.svg`: the drawing for links, which cannot say what they accept.
struct ReadChartDrawing: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/chart.svg"
  let exports: any AnswerExports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let bytes = try await asking { () throws(CoachProblem) in try await exports.chart(of: run, as: .svg) }
    return .file(bytes, type: .svg, name: "chart.svg")
  }
}

/// `GET /api/v1/coach/runs/{id}/rows.csv`: all rows of an answer as CSV.
struct ReadRowsAsCSV: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/rows.csv"
  let exports: any AnswerExports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    try await exports.response(to: request, as: .csv, .csv)
  }
}

/// `GET /api/v1/coach/runs/{id}/rows.xlsx`: all rows of an answer as an Excel workbook.
struct ReadRowsAsXLSX: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/runs/{id}/rows.xlsx"
  let exports: any AnswerExports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    try await exports.response(to: request, as: .xlsx, .xlsx)
  }
}

extension AnswerExports {
  fileprivate func response(
    to request: APIRequest,
    as form: SheetForm,
    _ type: MediaType
  ) async throws(APIProblem) -> HTTPServerResponse {
    let run = try request.identifier("id", else: CoachProblem.unknownRun)
    let file = try await asking { () throws(CoachProblem) in try await rows(of: run, as: form) }
    var response = HTTPServerResponse.file(file.bytes, type: type, name: file.fileName)
    response.headers += [
      ("Coach-Rows", "\(file.rowCount)"), ("Coach-Rows-Cut", "\(file.isCut)"),
      ("Coach-Data-Changed", "\(file.hasChanged)"),
    ]
    return response
  }
}

extension HTTPServerResponse {
  /// A file to be saved; its name is plain ASCII.
  fileprivate static func file(_ bytes: [UInt8], type: MediaType, name: String) -> HTTPServerResponse {
    HTTPServerResponse(
      status: 200,
      headers: [
        ("Content-Type", type == .csv ? "text/csv; charset=utf-8" : type.text), ("Cache-Control", "no-store"),
        ("Content-Disposition", "attachment; filename=\"\(name)\""),
      ],
      body: .bytes(bytes)
    )
  }
}
