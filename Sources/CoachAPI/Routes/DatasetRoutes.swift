import CoachVocabulary
import HTTPServerKit

/// `POST /api/v1/coach/datasets?file=orders.csv`: imports the file that the body is, CSV or a workbook.
///
/// `name` names the dataset, `date_order` decides dates such as 5/8/2025. Answers with the dataset, or with
/// `Accept: text/event-stream` with how far it is and then the dataset.
struct ImportDataset: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/datasets"
  let datasets: any DatasetImports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let media = try request.negotiate(.json, .eventStream)
    let upload = try Self.upload(request)
    let events = try await asking { () throws(CoachProblem) in try await datasets.importDataset(upload) }
    if media == .eventStream { return Self.stream(events) }
    for await event in events {
      if event.type == CoachEvent.dataset { return .json(event.data, status: 201) }
      if event.type == CoachEvent.importFailed { throw APIProblem(Self.problem(event.data)) }
    }
    throw APIProblem(.importFailed(code: "cancelled", detail: "The import was cancelled.", faults: []))
  }

  private static func upload(_ request: APIRequest) throws(APIProblem) -> DatasetUpload {
    guard let file = request.http.bodyFile, file.count > 0 else {
      throw .badRequest(
        "empty_body",
        "The body is empty; send the file itself, for instance with curl --data-binary @FILE."
      )
    }
    let types = request.http.headers.values(of: "content-type").map { $0.lowercased() }
    if types.contains(where: { $0.hasPrefix("multipart/") }) {
      let detail =
        "Send the file itself as the body, not a form; for instance with curl --data-binary @FILE -H 'Content-Type: text/csv'."
      throw APIProblem(status: 415, code: "unsupported_media_type", detail: detail)
    }
    let order = request.http.queryValue("date_order")
    if let order, !["dmy", "mdy"].contains(order) {
      throw .badRequest("bad_date_order", "The parameter 'date_order' must be dmy or mdy.", field: "date_order")
    }
    return DatasetUpload(
      file: file,
      name: request.http.queryValue("name").map { String($0.prefix(200)) },
      source: String((request.http.queryValue("file") ?? "upload").split(separator: "/").last?.prefix(200) ?? "upload"),
      dateOrder: order
    )
  }

  private static func problem(_ data: JSONValue) -> CoachProblem {
    .importFailed(
      code: data["code"]?.stringValue ?? "internal",
      detail: data["detail"]?.stringValue ?? "",
      faults: data["faults"] ?? []
    )
  }

  private static func stream(_ events: AsyncStream<CoachEvent>) -> HTTPServerResponse {
    let body = HTTPStreamBody { writer in
      for await event in events {
        try await writer.write(
          EventStreamEncoder.event(data: event.data.text, event: event.type, id: String(event.sequence))
        )
      }
    }
    return HTTPServerResponse(headers: EventStreamEncoder.headers, body: .stream(body))
  }
}

/// `GET /api/v1/coach/datasets`: the datasets; with `all=true` older and deleted versions too.
struct ListDatasets: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/datasets"
  let datasets: any DatasetImports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let all = request.http.queryValue("all") == "true"
    return .json(try await asking { () throws(CoachProblem) in try await datasets.datasets(all: all) })
  }
}

/// `GET /api/v1/coach/datasets/{name}/domain`: the domain file of a dataset, as it was drafted or has been corrected since.
struct ReadDatasetDomain: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/datasets/{name}/domain"
  let datasets: any DatasetImports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let name = try request.datasetName
    let text = try await asking { () throws(CoachProblem) in try await datasets.domainFile(ofDataset: name) }
    let headers = [("Content-Type", "application/yaml"), ("Cache-Control", "no-store")]
    return HTTPServerResponse(status: 200, headers: headers, body: .bytes(Array(text.utf8)))
  }
}

/// `POST /api/v1/coach/datasets/{name}/delete`: takes a dataset out of reach; it is kept.
struct DeleteDataset: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/datasets/{name}/delete"
  let datasets: any DatasetImports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let name = try request.datasetName
    try await asking { () throws(CoachProblem) in try await datasets.deleteDataset(name) }
    return .json([:])
  }
}

/// `POST /api/v1/coach/datasets/{name}/restore`: brings a dataset back, or makes the `version` in the query the current one.
struct RestoreDataset: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/datasets/{name}/restore"
  let datasets: any DatasetImports

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let name = try request.datasetName
    let text = request.http.queryValue("version")
    let version = text.flatMap { Int($0) }
    if text != nil, version == nil {
      throw .badRequest("bad_version", "The parameter 'version' must be a number.", field: "version")
    }
    try await asking { () throws(CoachProblem) in try await datasets.restoreDataset(name, version: version) }
    return .json([:])
  }
}

extension APIRequest {
  /// The named dataset; texts that cannot be a name are answered like unknown ones.
  fileprivate var datasetName: String {
    get throws(APIProblem) {
      let name = parameters["name"] ?? ""
      guard name.isPlainIdentifier else {
        throw APIProblem(.importFailed(code: "unknown_dataset", detail: "There is no such dataset.", faults: []))
      }
      return name
    }
  }
}
