import Dispatch
import Glibc

/// Listens for signals in place of their usual effect.
final class SignalSources {
  private let signals: [Int32]
  private let sources: [any DispatchSourceSignal]

  init(_ signals: [Int32], handler: @escaping @Sendable (_ number: Int32) -> Void) {
    self.signals = signals
    sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { handler(number) }
      source.resume()
      return source
    }
  }

  /// Gives the signals their usual effect again: a second Ctrl-C ends what takes too long to stop.
  func cancel() {
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
  }
}
