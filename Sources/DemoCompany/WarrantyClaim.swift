import CoachVocabulary
import ConcurrencyKit

/// A repair that the maker is asked to pay for; the amount is whole euros.
struct WarrantyClaim {
  let date: CivilDate
  let sale: Int
  let dealer: Int
  let product: Int
  let component: String
  let status: String
  let mileage: Int
  let cost: Int
}

extension WarrantyClaim {
  private static let electricParts = [
    (entry: "Battery", weight: 0.16), (entry: "Infotainment", weight: 0.34), (entry: "Electronics", weight: 0.24),
    (entry: "Brakes", weight: 0.1), (entry: "Body", weight: 0.16),
  ]
  private static let otherParts = [
    (entry: "Engine", weight: 0.2), (entry: "Gearbox", weight: 0.15), (entry: "Infotainment", weight: 0.25),
    (entry: "Electronics", weight: 0.16), (entry: "Brakes", weight: 0.12), (entry: "Body", weight: 0.12),
  ]
  private static let costs = [
    "Battery": 2_600, "Engine": 1_900, "Gearbox": 1_700, "Infotainment": 420, "Electronics": 380, "Brakes": 340,
    "Body": 520,
  ]
  private static let statuses = [
    (entry: "Approved", weight: 0.86), (entry: "Rejected", weight: 0.1), (entry: "Pending", weight: 0.04),
  ]

  /// The claims that follow from sales, in the order of their days.
  static func claims(after sales: [Sale], seed: UInt64) -> [WarrantyClaim] {
    var random = SplitMix64(seed: seed)
    var claims: [WarrantyClaim] = []
    for (index, sale) in sales.enumerated() where sale.status == "Completed" {
      let product = Product.range[sale.product - 1]
      if random.chance(0.075) {
        let day = sale.date.adding(days: 20 + random.below(600))
        let parts = product.fuelType == "Electric" ? electricParts : otherParts
        claims.append(make(index + 1, sale, on: day, part: random.pick(parts), dearer: 1, &random))
      }
      if isAffected(product), sale.date < DemoCompany.warrantyWave.days.start, random.chance(0.14) {
        let wave = DemoCompany.warrantyWave.days
        let day = wave.start.adding(days: random.below(wave.dayCount))
        claims.append(make(index + 1, sale, on: day, part: "Battery", dearer: 2.4, &random))
      }
    }
    // The place among the sales breaks ties, so the order does not depend on how the standard library sorts.
    return claims.filter { $0.date <= DemoCompany.asOf }.sorted { ($0.date, $0.sale) < ($1.date, $1.sale) }
  }

  private static func isAffected(_ product: Product) -> Bool {
    product.modelLine == "Belvar" && product.fuelType == "Electric" && product.modelYear == 2_025
  }

  private static func make(
    _ saleID: Int,
    _ sale: Sale,
    on day: CivilDate,
    part: String,
    dearer: Double,
    _ random: inout SplitMix64
  ) -> WarrantyClaim {
    let age = day.dayNumber - sale.date.dayNumber
    let usual = Double(costs[part] ?? 400) * dearer
    let isRecent = day > DemoCompany.asOf.adding(days: -30)
    return WarrantyClaim(
      date: day,
      sale: saleID,
      dealer: sale.dealer,
      product: sale.product,
      component: part,
      status: isRecent && random.chance(0.5) ? "Pending" : random.pick(statuses),
      mileage: age * (20 + random.below(60)),
      cost: Int(usual * (0.5 + random.unit()))
    )
  }
}
