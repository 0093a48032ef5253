import CCurl

/// A URL that was found fit to be fetched.
struct RequestTarget: Sendable {
  let url: String
  /// Scheme, host and port: what a failure may name.
  let origin: String
  let host: String

  /// Parses with libcurl's own parser, so that what is judged here is what is connected to.
  init(_ url: String) throws(HTTPFailure) {
    guard let handle = curl_url() else { throw HTTPFailure(.other, "libcurl has no memory for a URL") }
    defer { curl_url_cleanup(handle) }
    guard !url.utf8.contains(0), curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else {
      throw HTTPFailure(.malformedURL, "the text is no absolute http or https URL")
    }
    guard let scheme = Self.part(CURLUPART_SCHEME, of: handle), ["http", "https"].contains(scheme),
      let host = Self.part(CURLUPART_HOST, of: handle), !host.isEmpty
    else {
      throw HTTPFailure(.malformedURL, "the URL is neither http nor https")
    }
    guard Self.part(CURLUPART_USER, of: handle) == nil, Self.part(CURLUPART_PASSWORD, of: handle) == nil else {
      throw HTTPFailure(.malformedURL, "the URL holds credentials: send them in a header")
    }
    let port = Self.part(CURLUPART_PORT, of: handle).map { ":\($0)" } ?? ""
    self.url = url
    self.host = host
    origin = "\(scheme)://\(host)\(port)"
  }

  private static func part(_ what: CURLUPart, of handle: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, what, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
