import CoachVocabulary
import ConcurrencyKit

/// All that is known about the company, drawn from one seed.
struct Company {
  let dealers: [Dealer]
  let staff: [Salesperson]
  let sales: [Sale]
  let claims: [WarrantyClaim]
  let stock: [StockLevel]
  let targets: [Target]
  let indicators: [MonthlyIndicators]

  /// Draws a company; each table has its own sequence, so that a change of one leaves the others as they are.
  init(seed: UInt64, scale: Double) {
    var seeds = SplitMix64(seed: seed)
    let demand = Demand(scale: scale)
    let mixes = Mixes()
    let dealers = Dealer.network(seed: seeds.next())
    let staff = Salesperson.staff(of: dealers, seed: seeds.next())
    let sales = Self.sales(of: dealers, staff: staff, demand: demand, mixes: mixes, seed: seeds.next())
    self.dealers = dealers
    self.staff = staff
    self.sales = sales
    claims = WarrantyClaim.claims(after: sales, seed: seeds.next())
    stock = Self.stock(of: dealers, demand: demand, mixes: mixes, seed: seeds.next())
    targets = Self.targets(of: dealers, demand: demand, sales: sales, seed: seeds.next())
    indicators = Self.indicators(of: dealers, demand: demand, seed: seeds.next())
  }

  /// The first day of each month with data.
  static let months: [CivilDate] = (0..<30).map { DemoCompany.firstDay.adding(months: $0) }

  private static func sales(
    of dealers: [Dealer],
    staff: [Salesperson],
    demand: Demand,
    mixes: Mixes,
    seed: UInt64
  ) -> [Sale] {
    var maker = SaleMaker(seed: seed)
    let staffOfDealer = Dictionary(grouping: staff, by: \.dealer).mapValues { $0.map(\.id) }
    var sales: [Sale] = []
    for number in DemoCompany.firstDay.dayNumber...DemoCompany.asOf.dayNumber {
      let day = CivilDate(dayNumber: number)
      for dealer in dealers {
        let mix = mixes.mix(in: dealer.region, day.startOfMonth)
        for _ in 0..<maker.orderCount(mean: demand.orders(at: dealer, on: day)) {
          let product = Product.range[maker.product(from: mix)]
          let factor = Demand.eventFactor(for: product, at: dealer, on: day)
          for _ in 0..<maker.copies(factor: factor) {
            sales.append(maker.sale(of: product, at: dealer, by: staffOfDealer[dealer.id] ?? [], on: day))
          }
        }
      }
    }
    return sales
  }
}

/// The product mix of each region and month.
struct Mixes {
  private let mixes: [Region: [ProductMix]]

  /// Weighs all of them.
  init() {
    mixes = Dictionary(
      uniqueKeysWithValues: Region.allCases.map { region in
        (region, Company.months.map { ProductMix(in: region, on: $0) })
      }
    )
  }

  /// The mix of a region in the month that begins on a day.
  func mix(in region: Region, _ month: CivilDate) -> ProductMix {
    let (year, number, _) = month.parts
    let first = DemoCompany.firstDay.parts
    let index = (year - first.year) * 12 + number - first.month
    guard let ofRegion = mixes[region], ofRegion.indices.contains(index) else {
      preconditionFailure("no mix for \(region) in \(month)")
    }
    return ofRegion[index]
  }
}
