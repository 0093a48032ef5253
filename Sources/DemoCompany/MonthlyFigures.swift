import CoachVocabulary
import ConcurrencyKit

/// Cars of one kind that a dealer has on the last day of a month.
struct StockLevel {
  let date: CivilDate
  let dealer: Int
  let product: Int
  let units: Int
  let inTransit: Int
  let value: Int
  let averageAge: Int
}

/// What a dealer is asked to sell in a month; the amount is whole euros.
struct Target {
  let month: CivilDate
  let dealer: Int
  let units: Int
  let revenue: Int
}

/// How a dealer did in a month apart from sales.
struct MonthlyIndicators {
  let month: CivilDate
  let dealer: Int
  let leads: Int
  let testDrives: Int
  let surveys: Int
  /// Customer satisfaction index in tenths of a point, 0 to 1000.
  let satisfaction: Int
  /// Net promoter score, -100 to 100.
  let promoterScore: Int
  let workshopVisits: Int
  let marketingSpend: Int
}

extension Company {
  /// Month-end stock: about seven weeks of demand, nothing while a product is sold out.
  static func stock(of dealers: [Dealer], demand: Demand, mixes: Mixes, seed: UInt64) -> [StockLevel] {
    var random = SplitMix64(seed: seed)
    var levels: [StockLevel] = []
    for month in months {
      let day = month.adding(months: 1).adding(days: -1)
      for dealer in dealers where dealer.openedOn <= day {
        let cover = 1.7 * expectedOrders(at: dealer, in: month, demand)
        for (index, share) in mixes.mix(in: dealer.region, month).shares {
          let product = Product.range[index]
          let isOut = DemoCompany.stockOut.days.contains(day) && product.modelLine == "Nivo"
          let units = random.round(cover * share * (0.75 + 0.5 * random.unit()))
          guard units > 0 else { continue }
          levels.append(
            StockLevel(
              date: day,
              dealer: dealer.id,
              product: product.id,
              units: isOut ? 0 : units,
              inTransit: isOut ? 0 : random.round(0.3 * Double(units)),
              value: isOut ? 0 : units * product.unitCost,
              averageAge: isOut ? 0 : 25 + random.below(70)
            )
          )
        }
      }
    }
    return levels
  }

  /// The plan of each dealer: what could be expected without planted events, and three percent more.
  static func targets(of dealers: [Dealer], demand: Demand, sales: [Sale], seed: UInt64) -> [Target] {
    var random = SplitMix64(seed: seed)
    let completed = sales.filter { $0.status == "Completed" }
    let unitsPerOrder = Double(completed.reduce(0) { $0 + $1.quantity }) / Double(max(1, sales.count))
    let revenuePerOrder = Double(completed.reduce(0) { $0 + $1.netRevenue }) / Double(max(1, sales.count))
    var targets: [Target] = []
    for month in months {
      for dealer in dealers where dealer.openedOn <= month {
        let orders = expectedOrders(at: dealer, in: month, demand) * (0.97 + 0.12 * random.unit())
        let revenue = Int(orders * revenuePerOrder / 10_000) * 10_000
        targets.append(
          Target(month: month, dealer: dealer.id, units: Int(orders * unitsPerOrder), revenue: revenue)
        )
      }
    }
    return targets
  }

  /// Leads, satisfaction and the rest, month by month.
  static func indicators(of dealers: [Dealer], demand: Demand, seed: UInt64) -> [MonthlyIndicators] {
    var random = SplitMix64(seed: seed)
    var indicators: [MonthlyIndicators] = []
    for month in months {
      for dealer in dealers where dealer.openedOn <= month {
        let orders = expectedOrders(at: dealer, in: month, demand)
        indicators.append(indicator(of: dealer, in: month, orders: orders, &random))
      }
    }
    return indicators
  }

  private static func indicator(
    of dealer: Dealer,
    in month: CivilDate,
    orders: Double,
    _ random: inout SplitMix64
  ) -> MonthlyIndicators {
    let isDip = dealer.group == "Alpenblick Auto" && DemoCompany.surveyDip.days.contains(month)
    let leads = random.round(orders * (5.2 + 1.6 * random.unit()))
    let satisfaction = 845 + Int(55 * dealer.quality) + random.below(41) - 20 - (isDip ? 120 : 0)
    return MonthlyIndicators(
      month: month,
      dealer: dealer.id,
      leads: leads,
      testDrives: random.round(Double(leads) * (0.3 + 0.08 * random.unit())),
      surveys: random.round(orders * (0.3 + 0.1 * random.unit())),
      satisfaction: satisfaction,
      promoterScore: 41 + Int(16 * dealer.quality) + random.below(11) - 5 - (isDip ? 25 : 0),
      workshopVisits: random.round(orders * (6 + 2 * random.unit())),
      marketingSpend: leads * (34 + random.below(17))
    )
  }

  private static func expectedOrders(at dealer: Dealer, in month: CivilDate, _ demand: Demand) -> Double {
    let next = month.adding(months: 1)
    return (month.dayNumber..<next.dayNumber).reduce(0) { sum, number in
      sum + demand.orders(at: dealer, on: CivilDate(dayNumber: number))
    }
  }
}
