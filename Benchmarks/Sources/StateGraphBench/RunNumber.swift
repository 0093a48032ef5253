import Synchronization

/// Numbers for runs, each once in a process.
enum RunNumber {
  private static let last = Atomic(0)

  static func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
