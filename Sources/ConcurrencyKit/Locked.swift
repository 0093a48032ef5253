#if COACH_TSAN
import Foundation
#else
public import Synchronization
#endif

/// A value that is reached only while its lock is held.
///
/// Keep the work inside `withLock` short and never wait inside it. The lock is not recursive.
public final class Locked<Value>: Sendable {
  #if COACH_TSAN
  // ThreadSanitizer does not see the futex inside `Mutex` and reports races that are none; it does see `NSLock`.
  private let lock = NSLock()
  private nonisolated(unsafe) var value: Value  // every access is between `lock()` and `unlock()` in `withLock`

  /// Makes a locked value.
  public init(_ value: consuming sending Value) {
    self.value = value
  }

  /// Runs `body` with exclusive access to the value, and hands on its result or its error.
  public func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
  #else
  @usableFromInline let mutex: Mutex<Value>

  /// Makes a locked value.
  @inlinable public init(_ value: consuming sending Value) {
    mutex = Mutex(value)
  }

  /// Runs `body` with exclusive access to the value, and hands on its result or its error.
  @inlinable public func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock(body)
  }
  #endif
}

extension Locked where Value: Sendable {
  /// A copy of the value as it is now.
  public var current: Value { withLock { $0 } }
}
