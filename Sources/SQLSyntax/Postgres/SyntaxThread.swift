import CPgQuery  // its header brings the types of threads with it

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs work on a thread of its own with a large stack.
///
/// libpg_query's parser and printer call themselves for each level of nesting and have no guard of their own: on a
/// usual stack of 8 MB a statement of 9 kB ends the process. With 64 MB the shortest such text has more than four times the
/// length that ``PostgresParser`` takes.
enum SyntaxThread {
  static let stackBytes = 64 << 20

  /// Runs `body` and waits for it; nil when no thread can be had.
  static func run<Value>(_ body: () -> Value) -> Value? {
    var result: Value?
    let work = { result = body() }
    // The thread is joined before `start` returns, so the closure does not outlive this call.
    let isDone = withoutActuallyEscaping(work) { start(Work(body: $0)) }
    return isDone ? result : nil
  }

  private final class Work {
    let body: () -> Void
    init(body: @escaping () -> Void) { self.body = body }
  }

  private static func start(_ work: Work) -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_setstacksize(&attributes, stackBytes) == 0 else { return false }
    let context = Unmanaged.passRetained(work)
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      },
      context.toOpaque()
    )
    guard code == 0 else {
      context.release()
      return false
    }
    return pthread_join(thread, nil) == 0
  }
}
