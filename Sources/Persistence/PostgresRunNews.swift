import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import PostgresKit
import StateGraph

/// What the replicas over one schema tell each other by `NOTIFY`: which runs have news, and that somebody asked for
/// something.
///
/// Nothing depends on it: a message may be lost with a connection, so everyone looks at the tables now and then as well.
/// Messages go out together every few milliseconds and after the commits that they tell of, because `NOTIFY` within a
/// commit would make all commits of the server wait for one another.
final class PostgresRunNews: Sendable {
  /// One run of one tenant.
  struct Subject: Hashable, Sendable {
    let tenant: TenantID
    let run: RunID
  }

  private struct State: Sendable {
    var subscribers: [Subject: [Int: Bell]] = [:]
    var requestBells: [Int: Bell] = [:]
    var nextID = 0
    /// Texts that wait to be sent, each once.
    var unsent: Set<String> = []
    var isSending = false
    var listening: Task<Void, Never>?
    var isClosed = false
  }

  private let pool: PostgresPool
  private let channel: String
  private let state = Locked(State())
  /// How long messages wait for others to go with.
  private static let gathering = Duration.milliseconds(10)
  /// The server takes messages of less than 8,000 bytes.
  private static let longestMessage = 7_900
  private static let requestMessage = "request"

  init(_ pool: PostgresPool, schema: String) {
    self.pool = pool
    channel = "coach.\(schema)"
  }

  /// Ends listening and sending.
  func close() {
    let (listening, bells) = state.withLock { state in
      state.isClosed = true
      state.unsent = []
      return (state.listening, state.subscribers.values.flatMap(\.values) + state.requestBells.values)
    }
    listening?.cancel()
    for bell in bells { bell.ring() }
  }
}

// MARK: - Telling

extension PostgresRunNews {
  /// Tells the others that something of a run was saved.
  func tell(of subject: Subject) {
    send(JSONValue.array([.string(subject.tenant.rawValue), .string(subject.run.rawValue)]).text)
  }

  /// Tells the others that a request was saved.
  func tellOfRequest() { send(Self.requestMessage) }

  private func send(_ message: String) {
    guard message.utf8.count <= Self.longestMessage else { return }
    let mustStart = state.withLock { state in
      guard !state.isClosed else { return false }
      state.unsent.insert(message)
      defer { state.isSending = true }
      return !state.isSending
    }
    if mustStart { Task { [weak self] in await self?.sendAll() } }
  }

  private func sendAll() async {
    while true {
      try? await Task.sleep(for: Self.gathering)
      let messages = state.withLock { state in
        let messages = state.unsent
        state.unsent = []
        if messages.isEmpty { state.isSending = false }
        return messages
      }
      if messages.isEmpty { return }
      // What cannot be sent is found by those who look.
      _ = try? await pool.pipeline([
        PostgresStatement("SET LOCAL synchronous_commit = off"),
        PostgresStatement(
          "SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message",
          [.text(channel), .array(messages.map { .text($0) })]
        ),
      ])
    }
  }
}

// MARK: - Hearing

extension PostgresRunNews {
  /// What rings when there is news of a run.
  func subscribe(to subject: Subject) -> Subscription {
    let bell = Bell()
    let id = state.withLock { state in
      state.nextID += 1
      state.subscribers[subject, default: [:]][state.nextID] = bell
      return state.nextID
    }
    listen()
    return Subscription(bell) { [weak self] in
      self?.state.withLock { state in
        state.subscribers[subject]?[id] = nil
        if state.subscribers[subject]?.isEmpty == true { state.subscribers[subject] = nil }
      }
    }
  }

  /// What rings when somebody saved a request.
  func subscribeToRequests() -> Subscription {
    let bell = Bell()
    let id = state.withLock { state in
      state.nextID += 1
      state.requestBells[state.nextID] = bell
      return state.nextID
    }
    listen()
    return Subscription(bell) { [weak self] in self?.state.withLock { $0.requestBells[id] = nil } }
  }

  /// Rings when there is news, until it is let go of.
  final class Subscription: RunNewsSubscription {
    private let bell: Bell
    private let cancel: @Sendable () -> Void

    fileprivate init(_ bell: Bell, cancel: @escaping @Sendable () -> Void) {
      self.bell = bell
      self.cancel = cancel
    }

    deinit { cancel() }

    func next(within limit: Duration) async { await bell.wait(for: limit) }
  }

  private func listen() {
    state.withLock { state in
      guard state.listening == nil, !state.isClosed else { return }
      state.listening = Task { [weak self, pool, channel] in
        var attempt = 0
        let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(5), jitter: 0)
        while !Task.isCancelled {
          do {
            let listener = try await PostgresListener(pool.configuration, channels: [channel])
            attempt = 0
            // Whatever came while nobody listened is in the tables.
            self?.ringAll()
            do {
              for try await note in listener { self?.hear(note.payload) }
            } catch {}
            await listener.close()
          } catch {}
          attempt += 1
          try? await Task.sleep(for: backoff.ceiling(beforeRetry: attempt))
        }
      }
    }
  }

  private func ringAll() {
    let bells = state.withLock { $0.subscribers.values.flatMap(\.values) + $0.requestBells.values }
    for bell in bells { bell.ring() }
  }

  private func hear(_ message: String) {
    let bells = state.withLock { state -> [Bell] in
      if message == Self.requestMessage { return Array(state.requestBells.values) }
      guard let parts = try? JSONValue(parsing: message).arrayValue, parts.count == 2,
        let tenant = parts[0].stringValue, let run = parts[1].stringValue
      else { return [] }
      return (state.subscribers[Subject(tenant: TenantID(tenant), run: RunID(run))]?.values).map { Array($0) } ?? []
    }
    for bell in bells { bell.ring() }
  }
}

/// The news of one tenant's runs.
struct PostgresTenantNews: RunNews {
  let news: PostgresRunNews
  let tenant: TenantID

  func subscribe(to run: RunID) -> any RunNewsSubscription {
    news.subscribe(to: PostgresRunNews.Subject(tenant: tenant, run: run))
  }
}

/// Wakes whoever waits; a ring that finds nobody waiting is kept for the next one.
final class Bell: Sendable {
  private struct Waiter: Sendable {
    let continuation: CheckedContinuation<Void, Never>
    let alarm: Task<Void, any Error>

    func wake() {
      alarm.cancel()
      continuation.resume()
    }
  }

  private struct State: Sendable {
    var hasRung = false
    var waiters: [Int: Waiter] = [:]
    var nextID = 0
  }

  private let state = Locked(State())

  /// Wakes all who wait.
  func ring() {
    let waiters = state.withLock { state in
      defer { state.waiters = [:] }
      if state.waiters.isEmpty { state.hasRung = true }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.wake() }
  }

  /// Waits for a ring, for some time, or until the task is cancelled.
  func wait(for limit: Duration) async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let isWaiting = state.withLock { state in
          guard !state.hasRung, !Task.isCancelled else {
            state.hasRung = false
            return false
          }
          let alarm = Task {
            try await Task.sleep(for: limit)
            self.leave(id)
          }
          state.waiters[id] = Waiter(continuation: continuation, alarm: alarm)
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      leave(id)
    }
  }

  private func leave(_ id: Int) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.wake()
  }
}
