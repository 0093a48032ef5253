import CoachVocabulary
import FoundationEssentials
public import StateGraph

/// What every node cache must do; each check gets an empty one and throws when it fails.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct NodeCacheConformance: Sendable, CustomStringConvertible {
  /// What it must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any NodeCache) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any NodeCache) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a node cache to this check.
  ///
  /// - Parameter cache: an empty one.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the node cache.
  public func check(_ cache: any NodeCache) async throws { try await body(cache) }

  /// Every check.
  public static let all: [NodeCacheConformance] = values + moments
}

/// Later than the present of any cache, which may let go of what is over by its own clock.
private func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 4_000_000_000 + seconds) }

extension NodeCache {
  fileprivate func expect(_ wanted: JSONValue?, for key: String, at seconds: Double = 0, _ what: String) async throws {
    let found = await value(for: key, at: time(seconds))
    guard found == wanted else {
      let texts = [wanted, found].map { $0?.text ?? "nothing" }
      throw ConformanceFailure(description: "\(what): expected \(texts[0]), found \(texts[1])")
    }
  }
}

// MARK: - Checks

extension NodeCacheConformance {
  private static let values = [
    NodeCacheConformance("an unknown key has no value") { cache in
      try await cache.expect(nil, for: "k", "empty cache")
      await cache.save(1, for: "k", until: nil)
      try await cache.expect(nil, for: "K", "a key in other letters")
      try await cache.expect(nil, for: "", "no key")
    },
    NodeCacheConformance("a value is read as it was saved: numbers keep their kind, texts their characters") { cache in
      let values: [JSONValue] = [
        2, 2.0, true, "odd \u{0} text \"quoted\" 🇫🇷", [], [:], ["b": [1, 1.5, .null], "a": ["": "x"]],
        .int(.max), .int(.min), .string(String(repeating: "long ", count: 20_000)),
      ]
      for (index, value) in values.enumerated() { await cache.save(value, for: "k\(index)", until: nil) }
      for (index, value) in values.enumerated() {
        try await cache.expect(value, for: "k\(index)", "value \(index)")
      }
    },
    NodeCacheConformance("null is a value, and not none") { cache in
      await cache.save(.null, for: "k", until: nil)
      guard case .some(.null) = await cache.value(for: "k", at: time(0)) else {
        throw ConformanceFailure(description: "a saved null: expected null, found nothing")
      }
    },
    NodeCacheConformance("any key is a key of its own") { cache in
      let keys = ["", " ", "k", "K", "k ", "k'; --", "🇫🇷", "%", "_", String(repeating: "k", count: 2_000)]
      for (index, key) in keys.enumerated() { await cache.save(.int(index), for: key, until: nil) }
      for (index, key) in keys.enumerated() { try await cache.expect(.int(index), for: key, "key \(index)") }
    },
  ]

  private static let moments = [
    NodeCacheConformance("a value is there until its moment, or for ever") { cache in
      await cache.save("short", for: "k", until: time(10))
      await cache.save("long", for: "l", until: nil)
      try await cache.expect("short", for: "k", at: 9.999, "before its moment")
      try await cache.expect(nil, for: "k", at: 10, "at its moment")
      try await cache.expect(nil, for: "k", at: 11, "after its moment")
      try await cache.expect("long", for: "l", at: 1e9, "without a moment")
    },
    NodeCacheConformance("saving again replaces the value and its moment") { cache in
      await cache.save("old", for: "k", until: time(10))
      await cache.save("new", for: "k", until: time(20))
      try await cache.expect("new", for: "k", at: 15, "a later moment")
      await cache.save("last", for: "k", until: nil)
      try await cache.expect("last", for: "k", at: 1e9, "no moment")
      await cache.save("brief", for: "k", until: time(5))
      try await cache.expect(nil, for: "k", at: 6, "an earlier moment")
    },
    NodeCacheConformance("many tasks save and read at once, and each key keeps one whole value") { cache in
      await withTaskGroup { group in
        for number in 0..<40 {
          group.addTask {
            await cache.save(["n": .int(number), "again": .int(number)], for: "k\(number % 5)", until: nil)
            _ = await cache.value(for: "k\(number % 5)", at: time(0))
          }
        }
      }
      for key in 0..<5 {
        guard let value = await cache.value(for: "k\(key)", at: time(0))?.objectValue, let number = value["n"]?.intValue
        else { throw ConformanceFailure(description: "key \(key): expected a value, found none") }
        try expect(number % 5, key, "whose value it is")
        try expect(value["again"]?.intValue, number, "the rest of the value")
      }
    },
  ]
}
