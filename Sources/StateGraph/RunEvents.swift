import CoachVocabulary
import ConcurrencyKit

/// The events of a run, first the saved ones, then the live ones; ends after the event that ends the run.
///
/// Each iteration reads on its own, so many readers may follow one run, and none holds another up. A reader that asks for
/// events after a number that was never given out, because the process that did died before saving, goes on with the next.
public struct RunEvents: AsyncSequence, Sendable {
  /// What is read.
  public typealias Element = RunEvent

  let run: RunID
  let sequence: Int
  let source: Source

  /// Where events come from.
  struct Source: Sendable {
    let store: any CheckpointStore
    let live: @Sendable (RunID) -> LiveRun?
    /// How other processes tell of what they saved; nil when nobody does.
    let news: (any RunNews)?
    let poll: Duration
    let sleep: @Sendable (Duration) async throws -> Void
  }

  /// Starts reading.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(run: run, seen: Swift.max(0, sequence), source: source)
  }

  /// Reads the events one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let run: RunID
    private let source: Source
    private var seen: Int
    private var page: ArraySlice<RunEvent> = []
    private var isDone = false
    private var followed: LiveRun?
    private var subscription: (any RunNewsSubscription)?
    private static let pageSize = 256

    fileprivate init(run: RunID, seen: Int, source: Source) {
      self.run = run
      self.seen = seen
      self.source = source
    }

    /// The next event, or nil after the last and when the reader is cancelled.
    ///
    /// - Throws: ``CheckpointFailure`` when there is no such run or it cannot be read, and the failure that cut off the
    ///   work of this process on the run.
    public mutating func next() async throws -> RunEvent? {
      while page.isEmpty, !isDone {
        if Task.isCancelled { return nil }
        try await fill()
      }
      guard let event = page.popFirst() else { return nil }
      seen = event.sequence
      return event
    }

    private mutating func fill() async throws {
      guard let live = followed ?? source.live(run) else { return try await fillFromStore() }
      followed = live
      // A number nobody has given out yet comes from a process that died before it saved that event.
      seen = Swift.min(seen, live.lastSequence)
      switch live.look(after: seen) {
      case .events(let events): page = events[...]
      case .behind: page = try await source.store.events(of: run, after: seen, limit: Self.pageSize)[...]
      case .upToDate: await live.waitForMore(after: seen)
      case .ended(.saved): followed = nil
      case .ended(.lost(let error)): throw error
      }
    }

    /// Waits until it is worth looking at the store again.
    private func pause() async {
      if let subscription {
        await subscription.next(within: source.poll)
      } else {
        try? await source.sleep(source.poll)
      }
    }

    private mutating func fillFromStore() async throws {
      if subscription == nil { subscription = source.news?.subscribe(to: run) }
      // The record is read before the events, so that a run seen as ended has all of its events saved.
      guard let record = try await source.store.record(of: run) else {
        // A start that waits in line has nothing to tell yet.
        if try await source.store.queue(of: nil).contains(where: { $0.run == run }) {
          await pause()
          return await Task.yield()
        }
        // It may have begun between the two looks.
        if try await source.store.record(of: run) != nil { return }
        throw CheckpointFailure.noSuchRun(run)
      }
      seen = Swift.min(seen, record.lastSequence)
      page = try await source.store.events(of: run, after: seen, limit: Self.pageSize)[...]
      guard page.isEmpty else { return }
      if record.status.isTerminal {
        isDone = true
      } else if source.live(run) == nil {
        await pause()
      }
    }
  }
}
