/// A complete reply of a model.
public struct ModelReply: Hashable, Sendable {
  /// The text, empty when the model only asked for tools.
  public var text: String
  /// The tools the model asks for, in its order.
  public var toolCalls: [ToolCall]
  /// Why it stopped.
  public var finishReason: FinishReason
  /// What it used.
  public var usage: ModelUsage

  /// Makes a reply.
  public init(text: String, toolCalls: [ToolCall] = [], finishReason: FinishReason = .stop, usage: ModelUsage) {
    self.text = text
    self.toolCalls = toolCalls
    self.finishReason = finishReason
    self.usage = usage
  }

  /// Gathers events into a reply.
  public struct Builder: Sendable {
    /// The text so far.
    public private(set) var text = ""
    /// The tools asked for so far.
    public private(set) var toolCalls: [ToolCall] = []
    private var ending: (reason: FinishReason, usage: ModelUsage)?

    /// Makes an empty builder.
    public init() {}

    /// Takes the next event; what comes after the last is ignored.
    public mutating func add(_ event: ModelEvent) {
      guard ending == nil else { return }
      switch event {
      case .text(let piece): text += piece
      case .toolCall(let call): toolCalls.append(call)
      case .finished(let reason, let usage): ending = (reason, usage)
      }
    }

    /// The reply, once the last event has come.
    ///
    /// - Throws: ``ModelFailure`` of kind `cut` when the events ended early.
    public func reply() throws(ModelFailure) -> ModelReply {
      guard let ending else { throw ModelFailure(.cut(textSoFar: text), detail: "the events ended early") }
      return ModelReply(text: text, toolCalls: toolCalls, finishReason: ending.reason, usage: ending.usage)
    }
  }
}
