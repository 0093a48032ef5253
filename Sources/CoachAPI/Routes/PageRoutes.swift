import HTTPServerKit

/// `GET /`: the page.
struct ReadPage: Route {
  static let method = Method.get
  static let path = "/"
  let page: PageAssets

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    try page.response(to: request, name: PageAssets.index)
  }
}

/// `GET /assets/{name}`: what the page is made of.
struct ReadAsset: Route {
  static let method = Method.get
  static let path = "/assets/{name}"
  let page: PageAssets

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    try page.response(to: request, name: request.parameters["name"] ?? "")
  }
}

extension PageAssets {
  /// The file, or 304 when the client's copy is still good, or 404.
  fileprivate func response(to request: APIRequest, name: String) throws(APIProblem) -> HTTPServerResponse {
    guard let asset = self[name] else { throw .notFound }
    let isKnown = request.http.headers.values(of: "if-none-match").contains { asset.tag(isIn: $0) }
    return HTTPServerResponse(
      status: isKnown ? 304 : 200,
      headers: [
        ("Content-Type", asset.contentType), ("ETag", asset.tag), ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", Self.contentSecurityPolicy),
      ],
      body: .bytes(isKnown ? [] : asset.bytes)
    )
  }
}
