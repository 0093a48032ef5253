public import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials

/// Keeps the results of nodes with a `cache`; only successes are ever offered to it.
public protocol NodeCache: Sendable {
  /// The kept result; nil when there is none or its time is over. A cache that cannot be read has none.
  func value(for key: String, at now: Date) async -> JSONValue?

  /// Keeps a result until a moment, or for as long as there is room; a cache that cannot be written drops it.
  func save(_ value: JSONValue, for key: String, until expiry: Date?) async
}

/// Keeps results in memory, the newest so many.
public final class MemoryNodeCache: NodeCache {
  private struct Entry: Sendable {
    let value: JSONValue
    let expiry: Date?
    let use: Int
  }

  private struct Contents: Sendable {
    var entries: [String: Entry] = [:]
    var uses = 0
  }

  private let capacity: Int
  private let contents = Locked(Contents())

  /// Makes an empty cache for at most `capacity` results.
  public init(capacity: Int = 1_000) { self.capacity = max(1, capacity) }

  /// The kept result; nil when there is none or its time is over.
  public func value(for key: String, at now: Date) async -> JSONValue? {
    contents.withLock { contents -> JSONValue? in
      guard let entry = contents.entries[key] else { return nil }
      if let expiry = entry.expiry, expiry <= now {
        contents.entries[key] = nil
        return nil
      }
      return entry.value
    }
  }

  /// Keeps a result; when there is no room, the older half goes.
  public func save(_ value: JSONValue, for key: String, until expiry: Date?) async {
    contents.withLock { contents in
      if contents.entries.count >= capacity, contents.entries[key] == nil {
        let cut = contents.uses - capacity / 2
        contents.entries = contents.entries.filter { $0.value.use > cut }
      }
      contents.uses += 1
      contents.entries[key] = Entry(value: value, expiry: expiry, use: contents.uses)
    }
  }
}
