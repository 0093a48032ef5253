/// A model that answers a conversation, wherever it runs.
public protocol LanguageModel: Sendable {
  /// Answers a request piece by piece.
  ///
  /// Nothing is sent before the first event is asked for. The events end with exactly one
  /// ``ModelEvent/finished(_:_:)``, or the sequence throws. Giving the sequence up, or cancelling the task that reads
  /// it, stops the model.
  func events(for request: ModelRequest) -> ModelEventStream
}

extension LanguageModel {
  /// Answers a request in one piece.
  ///
  /// - Throws: ``ModelFailure``.
  public func reply(to request: ModelRequest) async throws(ModelFailure) -> ModelReply {
    var builder = ModelReply.Builder()
    for try await event in events(for: request) { builder.add(event) }
    return try builder.reply()
  }
}

/// The events of one reply, produced one by one as they are asked for.
public struct ModelEventStream: AsyncSequence, Sendable {
  /// Gives the next event, or nil after the last.
  public typealias Producer = () async throws(ModelFailure) -> ModelEvent?

  private let start: @Sendable () -> Producer

  /// Makes a stream.
  ///
  /// - Parameter start: called once for each iteration; what it returns is called until it gives nil or throws.
  public init(_ start: @escaping @Sendable () -> Producer) { self.start = start }

  /// A stream of known events, ended by a failure where one is given.
  public init(_ events: [ModelEvent], endingWith failure: ModelFailure? = nil) {
    self.init {
      var rest = events[...]
      return { () async throws(ModelFailure) in
        if let event = rest.popFirst() { return event }
        if let failure { throw failure }
        return nil
      }
    }
  }

  /// Starts reading.
  public func makeAsyncIterator() -> Iterator { Iterator(producer: start()) }

  /// Reads the events of one reply.
  public struct Iterator: AsyncIteratorProtocol {
    private var producer: Producer?

    fileprivate init(producer: @escaping Producer) { self.producer = producer }

    /// The next event, or nil after the last; after a failure always nil.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ModelFailure) -> ModelEvent? {
      guard let producer else { return nil }
      do throws(ModelFailure) {
        if let event = try await producer() { return event }
        self.producer = nil
        return nil
      } catch {
        self.producer = nil
        throw error
      }
    }

    /// The next event, or nil after the last; after a failure always nil.
    public mutating func next() async throws(ModelFailure) -> ModelEvent? { try await next(isolation: #isolation) }
  }
}
