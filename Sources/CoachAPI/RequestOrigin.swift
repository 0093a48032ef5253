import HTTPServerKit

/// Judges where a request comes from, for a server without sign-in that only this machine may use.
///
/// A web page from elsewhere can make a browser send requests to the loopback. Two headers give it away, and it can
/// forge neither: `Host` after its own name was bound to 127.0.0.1 (DNS rebinding), `Origin` when it posts.
enum RequestOrigin {
  /// Throws 421 for a `Host` that is not the loopback, 403 for a change asked for by a page of another origin.
  static func check(_ request: HTTPServerRequest) throws(APIProblem) {
    let hosts = request.headers.values(of: "host")
    guard hosts.count == 1 else { throw .badRequest("bad_host", "Send exactly one Host header.") }
    guard Loopback.includes(Loopback.name(ofAuthority: hosts[0])) else {
      let detail = "This server answers only to localhost, 127.0.0.1 and [::1]."
      throw APIProblem(status: 421, code: "wrong_host", detail: detail)
    }
    guard !["GET", "HEAD"].contains(request.method) else { return }
    let own = ["http://\(hosts[0].lowercased())", "https://\(hosts[0].lowercased())"]
    guard request.headers.values(of: "origin").allSatisfy({ own.contains($0.lowercased()) }) else {
      throw APIProblem(status: 403, code: "wrong_origin", detail: "This server takes no orders from pages of others.")
    }
  }
}

/// This machine's own addresses.
enum Loopback {
  /// Whether the host is 127.0.0.0/8, ::1 or `localhost`.
  static func includes(_ host: some StringProtocol) -> Bool {
    let name = host.lowercased()
    if name == "localhost" || name == "::1" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil }
  }

  /// The host of `host:port`, without the brackets of IPv6; empty when there is none.
  static func name(ofAuthority authority: String) -> Substring {
    if authority.hasPrefix("[") {
      let rest = authority.dropFirst()
      guard let end = rest.firstIndex(of: "]"), isPort(rest[end...].dropFirst()) else { return "" }
      return rest[..<end]
    }
    let end = authority.firstIndex(of: ":") ?? authority.endIndex
    return isPort(authority[end...]) ? authority[..<end] : ""
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || (text.first == ":" && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) })
  }
}
