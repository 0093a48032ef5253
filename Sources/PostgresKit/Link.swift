import CPostgres
import TransportSecurity

/// A connection of libpq: it has one owner and is finished once.
struct Link: ~Copyable {
  let pointer: OpaquePointer

  /// Starts to connect, without waiting for the server.
  init(_ configuration: PostgresConfiguration) throws(PostgresFailure) {
    let parameters = configuration.parameters
    guard !parameters.values.contains(where: { $0.utf8.contains(0) }) else {
      throw PostgresFailure(kind: .misuse, message: "a setting of the connection contains a NUL character")
    }
    guard TransportSecurity.isReady else {
      throw PostgresFailure(kind: .unreachable, message: "OpenSSL has no random numbers")
    }
    guard let started = Self.start(parameters) else {
      throw PostgresFailure(kind: .outOfMemory, message: "no memory is left for a connection")
    }
    pointer = started
  }

  deinit { PQfinish(pointer) }

  private static func start(_ parameters: [String: String]) -> OpaquePointer? {
    var texts: [UInt8] = []
    var places: [Int] = []
    for text in parameters.flatMap({ [$0.key, $0.value] }) {
      places.append(texts.count)
      texts += text.utf8
      texts.append(0)
    }
    return texts.withUnsafeBytes { bytes in
      let pointers = places.map { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      let keywords = stride(from: 0, to: pointers.count, by: 2).map { pointers[$0] } + [nil]
      let values = stride(from: 1, to: pointers.count, by: 2).map { pointers[$0] } + [nil]
      return PQconnectStartParams(keywords, values, 0)
    }
  }
}
