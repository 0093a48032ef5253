import CoachVocabulary

/// How many orders a dealer may expect on a day, and which cars they are for.
struct Demand {
  /// Orders per day of an average dealer in an average season.
  private static let base = 3.05
  /// Monday to Sunday; on Sundays only the online shop is open.
  private static let weekdays = [0.85, 0.9, 0.95, 1, 1.25, 1.7, 0.15]
  /// January to December: strong in March and September, weak in January and August.
  private static let months = [0.82, 0.92, 1.24, 1.03, 1.02, 1.08, 0.95, 0.8, 1.15, 1.02, 0.98, 0.99]
  private static let yearlyGrowth = 0.06

  let scale: Double

  /// Orders expected at a dealer on a day, before planted events.
  func orders(at dealer: Dealer, on day: CivilDate) -> Double {
    guard day >= dealer.openedOn else { return 0 }
    return scale * Self.base * dealer.weight * Self.season(of: day)
  }

  private static func season(of day: CivilDate) -> Double {
    let (_, month, dayOfMonth) = day.parts
    guard (month, dayOfMonth) != (1, 1), (month, dayOfMonth) != (12, 25), (month, dayOfMonth) != (12, 26) else {
      return 0
    }
    let years = Double(day.dayNumber - DemoCompany.firstDay.dayNumber) / 365
    let isMonthEnd = day.adding(days: 3).month != month
    return weekdays[day.weekday - 1] * months[month - 1] * (1 + yearlyGrowth * years) * (isMonthEnd ? 1.3 : 1)
  }

  /// What planted events make of the demand for a product: 1 for nothing, 0.2 for a fifth.
  static func eventFactor(for product: Product, at dealer: Dealer, on day: CivilDate) -> Double {
    var factor = 1.0
    if DemoCompany.incentiveEnd.days.contains(day), dealer.country == "Germany", product.fuelType == "Electric" {
      factor *= day.month == 12 ? 1.3 : 0.58
    }
    if DemoCompany.priceCut.days.contains(day), product.modelLine == "Corvo" { factor *= 1.25 }
    if DemoCompany.stockOut.days.contains(day), product.modelLine == "Nivo" { factor *= 0.2 }
    if DemoCompany.carrierStrike.days.contains(day), dealer.region == .west { factor *= 0.54 }
    if DemoCompany.discountCampaign.days.contains(day), dealer.group == "Rheinbogen Mobil" { factor *= 1.15 }
    return factor
  }
}

/// The cars that people of each region ask for in one month, ready to draw from.
struct ProductMix {
  private let products: [Int]
  private let upTo: [Double]

  /// Weighs the whole range for a region on a day.
  init(in region: Region, on day: CivilDate) {
    var products: [Int] = []
    var upTo: [Double] = []
    var total = 0.0
    for (index, product) in Product.range.enumerated() {
      let appeal = product.appeal(in: region, on: day)
      guard appeal > 0 else { continue }
      total += appeal
      products.append(index)
      upTo.append(total)
    }
    self.products = products
    self.upTo = upTo
  }

  /// The index of the product at a place from 0 up to but not including 1.
  func product(at place: Double) -> Int {
    let wanted = place * (upTo.last ?? 0)
    var low = 0
    var high = upTo.count - 1
    while low < high {
      let middle = (low + high) / 2
      if upTo[middle] > wanted { high = middle } else { low = middle + 1 }
    }
    return products[low]
  }

  /// Each product with its share of the demand.
  var shares: [(product: Int, share: Double)] {
    var before = 0.0
    return zip(products, upTo).map { product, sum in
      defer { before = sum }
      return (product, (sum - before) / (upTo.last ?? 1))
    }
  }
}
