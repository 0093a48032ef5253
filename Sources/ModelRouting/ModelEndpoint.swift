public import LanguageModel
public import Ledger

/// A model that the router may call.
public struct ModelEndpoint: Sendable {
  /// The name, unique in a router; the ledger and the prices know it by this.
  public var name: String
  /// Where the model runs.
  public var tier: ModelTier
  /// The model as the server names it.
  public var modelName: String
  /// How many tokens prompt and output may have together.
  public var contextTokens: Int
  /// What the model can do.
  public var abilities: Set<ModelAbility>
  /// What its tokens cost, to find the cheapest endpoint; nil when unknown.
  ///
  /// What is charged is the ledger's affair.
  public var prices: TokenPrices?
  /// The model itself.
  public var model: any LanguageModel

  /// Makes an endpoint.
  public init(
    name: String,
    tier: ModelTier,
    modelName: String,
    contextTokens: Int = 8_192,
    abilities: Set<ModelAbility> = Set(ModelAbility.allCases),
    prices: TokenPrices? = nil,
    model: any LanguageModel
  ) {
    self.name = name
    self.tier = tier
    self.modelName = modelName
    self.contextTokens = contextTokens
    self.abilities = abilities
    self.prices = prices
    self.model = model
  }

  /// Makes an endpoint from its settings and the model that was built from them.
  public init(_ settings: EndpointSettings, model: any LanguageModel) {
    self.init(
      name: settings.name,
      tier: settings.tier,
      modelName: settings.model,
      contextTokens: settings.contextTokens,
      abilities: settings.abilities,
      prices: settings.prices?.prices,
      model: model
    )
  }
}
