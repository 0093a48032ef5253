public import CoachVocabulary
public import Templates

/// An agent as its file declares it.
public struct AgentDeclaration: Hashable, Sendable {
  /// The name; the same as its file's.
  public var id: String
  /// What it is for, in one sentence.
  public var purpose: String
  /// What it says to a model.
  public var prompt: Prompt
  /// The names of the values that its prompt may use, with the names inside them.
  public var inputs: TemplateShape
  /// What it asks of a model.
  public var model: ModelWish
  /// The names of the registered functions that the model may ask for.
  public var tools: [String]
  /// What it returns.
  public var output: Output
  /// What one run of it may take.
  public var limits: Limits
  /// What happens when no model can be used.
  public var withoutModel: WithoutModel
  /// Where it is declared.
  public var position: SourcePosition

  /// Makes a declaration.
  public init(
    id: String,
    purpose: String,
    prompt: Prompt,
    inputs: TemplateShape,
    model: ModelWish,
    tools: [String],
    output: Output,
    limits: Limits,
    withoutModel: WithoutModel,
    position: SourcePosition
  ) {
    self.id = id
    self.purpose = purpose
    self.prompt = prompt
    self.inputs = inputs
    self.model = model
    self.tools = tools
    self.output = output
    self.limits = limits
    self.withoutModel = withoutModel
    self.position = position
  }
}

extension AgentDeclaration {
  /// What an agent asks of a model.
  public struct ModelWish: Hashable, Sendable {
    /// Something that the model must be able to do beyond answering in text.
    public enum Need: String, Hashable, Sendable, CaseIterable {
      /// Replies that keep to a JSON Schema.
      case jsonSchema = "json_schema"
      /// Asking for tools.
      case tools
    }

    /// Which models may be used.
    public enum Tier: String, Hashable, Sendable, CaseIterable {
      /// Whichever the router chooses.
      case auto
      /// Models on one's own machines only.
      case local
      /// Models of a provider only.
      case cloud
    }

    /// What the model must be able to do.
    public var needs: [Need]
    /// Which models may be used.
    public var tier: Tier
    /// The longest reply in tokens.
    public var maxOutputTokens: Int
    /// From 0 (always the likeliest word) to 2.
    public var temperature: Double

    /// Makes a wish.
    public init(needs: [Need] = [], tier: Tier = .auto, maxOutputTokens: Int = 800, temperature: Double = 0) {
      self.needs = needs
      self.tier = tier
      self.maxOutputTokens = maxOutputTokens
      self.temperature = temperature
    }
  }

  /// What an agent returns.
  public struct Output: Hashable, Sendable {
    /// The name of the registered JSON Schema that the reply must fit; nil for plain text.
    public var schema: String?
    /// The keys of the graph's state that it writes.
    public var writes: [String]

    /// Makes an output.
    public init(schema: String? = nil, writes: [String]) {
      self.schema = schema
      self.writes = writes
    }
  }

  /// What one run of an agent may take.
  public struct Limits: Hashable, Sendable {
    /// The most calls of a model.
    public var steps: Int
    /// The longest time.
    public var time: Duration
    /// The most money; nil for no limit but the budgets.
    public var cost: NanoDollars?

    /// Makes limits.
    public init(steps: Int = 4, time: Duration = .seconds(30), cost: NanoDollars? = nil) {
      self.steps = steps
      self.time = time
      self.cost = cost
    }
  }

  /// What happens when no model can be used.
  public struct WithoutModel: Hashable, Sendable {
    /// How the node ends.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
      /// The question is declined, with what is missing.
      case decline
      /// The node writes nothing, and what was there before it stands.
      case skip
    }

    /// How the node ends.
    public var outcome: Outcome
    /// What the user is told; nil for the usual words.
    public var say: String?

    /// Makes a rule.
    public init(outcome: Outcome, say: String? = nil) {
      self.outcome = outcome
      self.say = say
    }
  }
}
