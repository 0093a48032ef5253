/// A model that turns texts into vectors, near to each other where the texts mean something similar.
public protocol EmbeddingModel: Sendable {
  /// Turns texts into vectors.
  ///
  /// - Parameter texts: one or more texts, none of them empty.
  /// - Returns: the vectors in the order of the texts, and what they took.
  /// - Throws: ``ModelFailure``.
  func embeddings(of texts: [String]) async throws(ModelFailure) -> EmbeddingReply
}

/// The vectors of some texts.
public struct EmbeddingReply: Hashable, Sendable {
  /// One vector for each text, in the order of the texts; all have the same number of components.
  public var vectors: [[Float]]
  /// What it took; only the prompt's tokens count.
  public var usage: ModelUsage

  /// Makes a reply.
  public init(vectors: [[Float]], usage: ModelUsage) {
    self.vectors = vectors
    self.usage = usage
  }
}
