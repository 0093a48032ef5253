import Dispatch
import Glibc

/// Listens for signals in place of their usual effect.
final class SignalSources {
  private let sources: [any DispatchSourceSignal]

  init(_ signals: [Int32], handler: @escaping @Sendable () -> Void) {
    sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: handler)
      source.resume()
      return source
    }
  }

  func cancel() { for source in sources { source.cancel() } }
}
