import CMalloc

/// What a program may decide about its memory as a whole.
public enum ProcessMemory {
  /// Lets all threads share a few heaps; call it first thing in a program, before there are threads.
  ///
  /// By default glibc gives up to eight heaps to each core, and memory that one of them has freed does not serve another:
  /// a thousand graphs at once then take about a fifth more. See `mallopt(3)`, `M_ARENA_MAX`.
  ///
  /// - Parameter count: how many heaps; at least 1.
  public static func limitHeaps(to count: Int = 2) { _ = cmalloc_limit_arenas(Int32(max(1, count))) }
}
