public import Templates

/// The two messages with which an agent addresses a model.
public struct Prompt: Hashable, Sendable {
  /// The folder under `prompts/`.
  public var name: String
  /// What the agent is and which rules it keeps; the same for every request as far as possible, so that it is cached.
  public var system: Template
  /// What is asked this time.
  public var user: Template

  /// Makes a prompt.
  public init(name: String, system: Template, user: Template) {
    self.name = name
    self.system = system
    self.user = user
  }
}
