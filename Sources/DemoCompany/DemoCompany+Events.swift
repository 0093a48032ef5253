import CoachVocabulary

extension DemoCompany {
  /// Everything that was planted, in the order of time.
  public static let events: [PlantedEvent] = [
    incentiveEnd, priceCut, stockOut, carrierStrike, surveyDip, warrantyWave, discountCampaign,
  ]

  static let incentiveEnd = PlantedEvent(
    name: "incentive-end",
    days: days("2024-12-01", "2025-04-01"),
    what: "The purchase incentive for electric cars in Germany ended on 31 December 2024.",
    expectedEffect: "Electric demand in Germany is pulled forward into December 2024 (about 30 % more) "
      + "and falls by about 40 % from January to March 2025; other countries and fuels do not move.",
    evidence: """
      SELECT SUM(CASE WHEN s.sale_date >= '2025-01-01' AND s.sale_date < '2025-04-01' THEN s.quantity END) AS affected,
        SUM(CASE WHEN s.sale_date >= '2024-01-01' AND s.sale_date < '2024-04-01' THEN s.quantity END) AS usual
      FROM sales s JOIN dealers d ON d.dealer_id = s.dealer_id JOIN products p ON p.product_id = s.product_id
      WHERE d.country = 'Germany' AND p.fuel_type = 'Electric' AND p.model_line <> 'Ilvo' AND s.status = 'Completed'
      """
  )

  static let priceCut = PlantedEvent(
    name: "price-cut",
    days: days("2025-04-01", "2026-07-01"),
    what: "The list price of the Velmara Corvo was cut by 8 % on 1 April 2025 in all markets.",
    expectedEffect: "Corvo list amount per unit falls by 8 % at once, unit sales rise by about 25 %, "
      + "and its gross margin shrinks, because the cost per unit stays.",
    evidence: """
      SELECT 1.0 * SUM(CASE WHEN s.sale_date >= '2025-04-01' THEN s.list_amount END)
          / SUM(CASE WHEN s.sale_date >= '2025-04-01' THEN s.quantity END) AS affected,
        1.0 * SUM(CASE WHEN s.sale_date < '2025-04-01' THEN s.list_amount END)
          / SUM(CASE WHEN s.sale_date < '2025-04-01' THEN s.quantity END) AS usual
      FROM sales s JOIN products p ON p.product_id = s.product_id
      WHERE p.model_line = 'Corvo' AND p.model_year = 2025 AND s.sale_date >= '2025-01-01' AND s.sale_date < '2025-07-01'
      """
  )

  static let stockOut = PlantedEvent(
    name: "stock-out",
    days: days("2025-09-01", "2025-11-01"),
    what: "A missing battery part stopped the production of the Lumeno Nivo; dealers sold out.",
    expectedEffect: "Month-end stock of the Nivo is zero at the end of September and October 2025, "
      + "and its unit sales fall by about 80 % in both months.",
    evidence: """
      SELECT SUM(CASE WHEN s.sale_date >= '2025-09-01' AND s.sale_date < '2025-11-01' THEN s.quantity END) AS affected,
        SUM(CASE WHEN s.sale_date >= '2025-06-01' AND s.sale_date < '2025-08-01' THEN s.quantity END) AS usual
      FROM sales s JOIN products p ON p.product_id = s.product_id
      WHERE p.model_line = 'Nivo' AND s.status = 'Completed'
      """
  )

  static let carrierStrike = PlantedEvent(
    name: "carrier-strike",
    days: days("2025-11-01", "2025-12-01"),
    what: "A strike of the car carriers on the Rhine stopped deliveries to the region West in November 2025.",
    expectedEffect: "Completed sales in West fall by about 45 % in November 2025; the other regions do not move.",
    evidence: """
      SELECT SUM(CASE WHEN s.sale_date >= '2025-11-01' THEN s.net_revenue END) AS affected,
        SUM(CASE WHEN s.sale_date < '2025-11-01' THEN s.net_revenue END) AS usual
      FROM sales s JOIN dealers d ON d.dealer_id = s.dealer_id
      WHERE d.region = 'West' AND s.status = 'Completed' AND s.sale_date >= '2025-10-01' AND s.sale_date < '2025-12-01'
      """
  )

  static let surveyDip = PlantedEvent(
    name: "survey-dip",
    days: days("2026-01-01", "2026-04-01"),
    what: "The dealer group Alpenblick Auto moved to a new workshop booking system in January 2026; customers waited.",
    expectedEffect:
      "The customer satisfaction index of its dealers is about 12 points lower from January to March 2026 "
      + "and their NPS about 25 points lower.",
    evidence: """
      SELECT AVG(CASE WHEN k.month >= '2026-01-01' AND k.month < '2026-04-01' THEN k.csi END) AS affected,
        AVG(CASE WHEN k.month >= '2025-10-01' AND k.month < '2026-01-01' THEN k.csi END) AS usual
      FROM kpi_monthly k JOIN dealers d ON d.dealer_id = k.dealer_id
      WHERE d.dealer_group = 'Alpenblick Auto'
      """
  )

  static let warrantyWave = PlantedEvent(
    name: "warranty-wave",
    days: days("2026-02-01", "2026-05-01"),
    what: "A faulty seal in the battery of the electric Velmara Belvar of model year 2025 led to a wave of claims.",
    expectedEffect: "Battery claims for this product are many times as frequent from February to April 2026 as before, "
      + "and each costs more than twice the usual amount.",
    evidence: """
      SELECT SUM(c.claim_date >= '2026-02-01' AND c.claim_date < '2026-05-01') AS affected,
        SUM(c.claim_date >= '2025-11-01' AND c.claim_date < '2026-02-01') AS usual
      FROM warranty_claims c JOIN products p ON p.product_id = c.product_id
      WHERE p.model_line = 'Belvar' AND p.fuel_type = 'Electric' AND p.model_year = 2025 AND c.component = 'Battery'
      """
  )

  static let discountCampaign = PlantedEvent(
    name: "discount-campaign",
    days: days("2026-03-01", "2026-04-01"),
    what: "The dealer group Rheinbogen Mobil gave an anniversary discount of 6 points on every car in March 2026.",
    expectedEffect: "Its discount rate is about 6 percentage points higher in March 2026, units rise by about 15 %, "
      + "and gross margin falls.",
    evidence: """
      SELECT 100.0 * SUM(CASE WHEN s.sale_date >= '2026-03-01' THEN s.discount_amount END)
          / SUM(CASE WHEN s.sale_date >= '2026-03-01' THEN s.list_amount END) AS affected,
        100.0 * SUM(CASE WHEN s.sale_date < '2026-03-01' THEN s.discount_amount END)
          / SUM(CASE WHEN s.sale_date < '2026-03-01' THEN s.list_amount END) AS usual
      FROM sales s JOIN dealers d ON d.dealer_id = s.dealer_id
      WHERE d.dealer_group = 'Rheinbogen Mobil' AND s.sale_date >= '2026-02-01' AND s.sale_date < '2026-04-01'
      """
  )

  private static func days(_ start: String, _ end: String) -> DateRange {
    DateRange(start: date(start), end: date(end))
  }
}

extension DateRange {
  func contains(_ date: CivilDate) -> Bool { start <= date && date < end }
}
