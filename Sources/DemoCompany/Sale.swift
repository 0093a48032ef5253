import CoachVocabulary
import ConcurrencyKit

/// One order; amounts are whole euros.
struct Sale {
  let date: CivilDate
  let dealer: Int
  let product: Int
  let salesperson: Int
  let segment: String
  let channel: String
  let quantity: Int
  let listAmount: Int
  let discountAmount: Int
  let costAmount: Int
  let paymentType: String
  let status: String

  var netRevenue: Int { listAmount - discountAmount }
}

/// Draws single orders.
struct SaleMaker {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// How many people order at a dealer on a day.
  mutating func orderCount(mean: Double) -> Int { random.count(mean: mean) }

  /// What the next person wants.
  mutating func product(from mix: ProductMix) -> Int { mix.product(at: random.unit()) }

  /// How often the order is really placed, given what planted events do to it.
  mutating func copies(factor: Double) -> Int { factor == 1 ? 1 : random.round(factor) }

  /// One order for a product.
  mutating func sale(of product: Product, at dealer: Dealer, by staff: [Int], on day: CivilDate) -> Sale {
    let isVan = product.bodyStyle == "Van"
    let segment = random.pick(isVan ? Self.vanSegments : Self.segments)
    let channel = channel(for: segment, on: day)
    let quantity = quantity(for: segment)
    let options = random.below(15)  // percent of the list price
    let listAmount = product.listPrice(on: day) * (100 + options) / 100 * quantity
    let discount = discountPoints(for: segment, channel, product, dealer, day)
    return Sale(
      date: day,
      dealer: dealer.id,
      product: product.id,
      salesperson: staff[random.below(staff.count)],
      segment: segment,
      channel: channel,
      quantity: quantity,
      listAmount: listAmount,
      discountAmount: (listAmount * discount + 5_000) / 10_000,
      costAmount: product.unitCost * (1_000 + 8 * options) / 1_000 * quantity,
      paymentType: random.pick(Self.payments[segment] ?? Self.businessPayments),
      status: random.pick(channel == "Online" ? Self.onlineStatuses : Self.statuses)
    )
  }

  private mutating func channel(for segment: String, on day: CivilDate) -> String {
    guard day.weekday < 7 else { return "Online" }
    let years = Double(day.dayNumber - DemoCompany.firstDay.dayNumber) / 365
    if segment == "Private" { return random.chance(0.1 + 0.05 * years) ? "Online" : "Showroom" }
    if segment == "Small Business" { return random.chance(0.12) ? "Online" : "Showroom" }
    return random.chance(0.75) ? "Fleet Desk" : "Showroom"
  }

  private mutating func quantity(for segment: String) -> Int {
    let sizes = Self.quantities[segment] ?? [1]
    return sizes[random.below(sizes.count)]
  }

  /// The discount in hundredths of a percent of the list amount.
  private mutating func discountPoints(
    for segment: String,
    _ channel: String,
    _ product: Product,
    _ dealer: Dealer,
    _ day: CivilDate
  ) -> Int {
    var points = (Self.discounts[segment] ?? 400) + random.below(400) - 200
    if channel == "Online" { points -= 100 }
    if day >= DemoCompany.date("\(product.modelYear)-09-01") { points += 400 }
    if DemoCompany.discountCampaign.days.contains(day), dealer.group == "Rheinbogen Mobil" { points += 600 }
    return max(0, points)
  }

  private static let segments = [
    (entry: "Private", weight: 0.58), (entry: "Small Business", weight: 0.18), (entry: "Fleet", weight: 0.15),
    (entry: "Rental", weight: 0.05), (entry: "Public Sector", weight: 0.04),
  ]
  private static let vanSegments = [
    (entry: "Private", weight: 0.06), (entry: "Small Business", weight: 0.46), (entry: "Fleet", weight: 0.34),
    (entry: "Rental", weight: 0.07), (entry: "Public Sector", weight: 0.07),
  ]
  private static let quantities = [
    "Small Business": [1, 1, 1, 1, 2], "Fleet": [1, 1, 1, 2, 2, 3, 4, 5, 8], "Rental": [2, 3, 4, 5, 6],
    "Public Sector": [1, 1, 2, 3],
  ]
  /// Hundredths of a percent.
  private static let discounts = [
    "Private": 400, "Small Business": 600, "Fleet": 1_000, "Rental": 1_200, "Public Sector": 850,
  ]
  private static let businessPayments = [
    (entry: "Leasing", weight: 0.65), (entry: "Financing", weight: 0.15), (entry: "Cash", weight: 0.2),
  ]
  private static let payments = [
    "Private": [
      (entry: "Cash", weight: 0.26), (entry: "Financing", weight: 0.4), (entry: "Leasing", weight: 0.29),
      (entry: "Subscription", weight: 0.05),
    ],
    "Public Sector": [(entry: "Cash", weight: 0.7), (entry: "Leasing", weight: 0.3)],
  ]
  private static let statuses = [
    (entry: "Completed", weight: 0.94), (entry: "Cancelled", weight: 0.045), (entry: "Returned", weight: 0.015),
  ]
  private static let onlineStatuses = [
    (entry: "Completed", weight: 0.88), (entry: "Cancelled", weight: 0.08), (entry: "Returned", weight: 0.04),
  ]
}
