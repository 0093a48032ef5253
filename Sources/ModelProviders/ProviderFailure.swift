import CoachVocabulary
import FoundationEssentials
import HTTPClientKit
import LanguageModel

/// Failures of the wire as failures of a model.
enum ProviderFailure {
  private static let errorBodyLimit = 64 << 10

  /// The failure that an unsuccessful response stands for.
  static func refusal(_ response: HTTPResponse, hiding secret: Secret?) async -> ModelFailure {
    var body: [UInt8] = []
    // A body that cannot be read whole still has a status, and the status is enough.
    do {
      for try await chunk in response.body {
        body += chunk.prefix(errorBodyLimit - body.count)
        if body.count >= errorBodyLimit { break }
      }
    } catch {
      if error.kind == .cancelled { return ModelFailure(.cancelled) }
    }
    let report = ErrorReport(body: body, hiding: secret)
    let pause = RetryAfter.read(response.headers, status: response.status, now: Date())
    let detail = ["status \(response.status)", report.detail].filter { !$0.isEmpty }.joined(separator: ", ")
    return ModelFailure(report.kind(status: response.status, retryAfter: pause), detail: detail)
  }

  /// The failure of a connection; after the reply began it is `interruption`, whatever the cause.
  static func of(_ failure: HTTPFailure, interruption: ModelFailure.Kind? = nil) -> ModelFailure {
    if failure.kind == .cancelled { return ModelFailure(.cancelled) }
    let kind: ModelFailure.Kind =
      switch failure.kind {
      case .connectionRefused: .connection(.refused)
      case .couldNotResolve: .connection(.unknownHost)
      case .tls: .connection(.insecure)
      case .connectTimeout: .timedOut(.connect)
      case .firstByteTimeout: .timedOut(.firstToken)
      case .idleTimeout: .timedOut(.idle)
      case .totalTimeout: .timedOut(.total)
      case .connectionLost: .connection(.lost)
      case .bodyTooLarge, .headTooLarge: .malformed
      case .addressRefused, .malformedURL, .malformedRequest: .badRequest
      case .cancelled, .closed, .other: .connection(.other)
      }
    return ModelFailure(interruption ?? kind, detail: failure.detail)
  }
}
