import CoachVocabulary
import SQLiteKit

/// Writes a company into a new SQLite file.
struct DatabaseWriter {
  let company: Company

  /// Writes all tables in one transaction, then indexes and statistics.
  func write(to path: String, progress: (Double) -> Void) throws(SQLiteFailure) {
    let database = try SQLiteDatabase(path: path, configuration: .ours)
    // The finished file is only read: a plain one, that needs no second file beside it.
    try database.execute("PRAGMA journal_mode = DELETE")
    try database.execute("PRAGMA journal_mode = MEMORY")
    try database.execute("PRAGMA cache_size = -65536")
    try database.transaction { session throws(SQLiteFailure) in
      try session.executeScript(Self.tables)
      try writeNetwork(session)
      progress(0.05)
      try writeSales(session)
      progress(0.6)
      try writeMonths(session)
      progress(0.75)
      try session.executeScript(Self.indexes)
      progress(0.95)
      try session.execute("ANALYZE")
    }
  }

  private func writeNetwork(_ session: borrowing SQLiteSession) throws(SQLiteFailure) {
    try session.execute(
      Self.insert("dealers", columns: 8),
      forEach: company.dealers.lazy.map { dealer in
        [
          .init(dealer.id), .text(dealer.name), .text(dealer.city), .text(dealer.country),
          .text(dealer.region.rawValue), .text(dealer.group), .text(dealer.tier), .text(dealer.openedOn.description),
        ]
      }
    )
    try session.execute(
      Self.insert("products", columns: 8),
      forEach: Product.range.lazy.map { product in
        [
          .init(product.id), .text(product.sku), .text(product.brand), .text(product.modelLine),
          .text(product.bodyStyle), .text(product.fuelType), .init(product.modelYear), .init(product.listPrice),
        ]
      }
    )
    try session.execute(
      Self.insert("salespeople", columns: 4),
      forEach: company.staff.lazy.map { person in
        [.init(person.id), .text(person.name), .init(person.dealer), .text(person.hiredOn.description)]
      }
    )
  }

  private func writeSales(_ session: borrowing SQLiteSession) throws(SQLiteFailure) {
    let days = DayTexts()
    try session.execute(
      Self.insert("sales", columns: 14),
      forEach: company.sales.enumerated().lazy.map { index, sale in
        [
          .init(index + 1), days[sale.date], .init(sale.dealer), .init(sale.product), .init(sale.salesperson),
          .text(sale.segment), .text(sale.channel), .init(sale.quantity), .init(sale.listAmount),
          .init(sale.discountAmount), .init(sale.netRevenue), .init(sale.costAmount), .text(sale.paymentType),
          .text(sale.status),
        ]
      }
    )
    try session.execute(
      Self.insert("warranty_claims", columns: 9),
      forEach: company.claims.enumerated().lazy.map { index, claim in
        [
          .init(index + 1), days[claim.date], .init(claim.sale), .init(claim.dealer), .init(claim.product),
          .text(claim.component), .text(claim.status), .init(claim.mileage), .init(claim.cost),
        ]
      }
    )
  }

  private func writeMonths(_ session: borrowing SQLiteSession) throws(SQLiteFailure) {
    let days = DayTexts()
    try session.execute(
      Self.insert("inventory", columns: 7),
      forEach: company.stock.lazy.map { level in
        [
          days[level.date], .init(level.dealer), .init(level.product), .init(level.units), .init(level.inTransit),
          .init(level.value), .init(level.averageAge),
        ]
      }
    )
    try session.execute(
      Self.insert("targets", columns: 4),
      forEach: company.targets.lazy.map { target in
        [days[target.month], .init(target.dealer), .init(target.units), .init(target.revenue)]
      }
    )
    try session.execute(
      Self.insert("kpi_monthly", columns: 9),
      forEach: company.indicators.lazy.map { kpi in
        [
          days[kpi.month], .init(kpi.dealer), .init(kpi.leads), .init(kpi.testDrives), .init(kpi.surveys),
          .real(Double(kpi.satisfaction) / 10), .init(kpi.promoterScore), .init(kpi.workshopVisits),
          .init(kpi.marketingSpend),
        ]
      }
    )
  }

  private static func insert(_ table: String, columns: Int) -> String {
    "INSERT INTO \(table) VALUES (\(Array(repeating: "?", count: columns).joined(separator: ", ")))"
  }
}

/// The text of each day with data, made once.
private struct DayTexts {
  private let texts = (DemoCompany.firstDay.dayNumber...DemoCompany.asOf.dayNumber).map { number in
    SQLiteValue.text(CivilDate(dayNumber: number).description)
  }

  subscript(day: CivilDate) -> SQLiteValue { texts[day.dayNumber - DemoCompany.firstDay.dayNumber] }
}
