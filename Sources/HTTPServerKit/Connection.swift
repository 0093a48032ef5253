import CMicroHTTPD

/// A connection of libmicrohttpd's.
///
/// Proof of `@unchecked`: the pointer is kept only in ``Exchange/State``, which is reached under a lock and forgets it
/// when libmicrohttpd says that the request is complete; from other threads only resuming is done, which it allows.
struct Connection: @unchecked Sendable {
  let pointer: OpaquePointer

  func suspend() {
    MHD_suspend_connection(pointer)
  }

  func resume() {
    MHD_resume_connection(pointer)
  }

  var socket: Int32 { cmhd_socket(pointer) }

  var remoteAddress: String { cmhd_client(pointer).map(SocketAddress.text) ?? "" }

  func header(_ name: String) -> String? {
    MHD_lookup_connection_value(pointer, .HEADER_KIND, name).map { String(cString: $0) }
  }

  var headers: [(String, String)] {
    var fields: [(String, String)] = []
    withUnsafeMutablePointer(to: &fields) { fields in
      _ = MHD_get_connection_values(pointer, .HEADER_KIND, collectField, fields)
    }
    return fields
  }
}

private func collectField(
  context: UnsafeMutableRawPointer?,
  kind: MHD_ValueKind,
  name: UnsafePointer<CChar>?,
  value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context, let name else { return .NO }
  let fields = context.assumingMemoryBound(to: [(String, String)].self)
  fields.pointee.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
  return .YES
}
