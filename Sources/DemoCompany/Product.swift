import CoachVocabulary

/// A car as it stands in the price list of one model year.
struct Product {
  let id: Int
  let sku: String
  let brand: String
  let modelLine: String
  let bodyStyle: String
  let fuelType: String
  let modelYear: Int
  /// Whole euros at the launch of the model year.
  let listPrice: Int
  /// What the maker charges the dealer for it, in whole euros.
  let unitCost: Int
  /// How often it is wanted in relation to others.
  let popularity: Double
  /// The days on which it can be ordered.
  let onSale: DateRange
}

/// A model line with its drive trains.
private struct ModelLine {
  let brand: String
  let name: String
  let code: String
  let bodyStyle: String
  let launch: String
  let variants: [(fuelType: String, price: Int, popularity: Double)]
}

extension Product {
  private static let lines: [ModelLine] = [
    ModelLine(
      brand: "Velmara",
      name: "Aurin",
      code: "AUR",
      bodyStyle: "Saloon",
      launch: "2023-09-01",
      variants: [("Petrol", 41_900, 3), ("Diesel", 44_500, 4), ("Plug-in Hybrid", 49_900, 3)]
    ),
    ModelLine(
      brand: "Velmara",
      name: "Belvar",
      code: "BEL",
      bodyStyle: "SUV",
      launch: "2023-09-01",
      variants: [("Petrol", 38_900, 8), ("Hybrid", 41_900, 8), ("Plug-in Hybrid", 46_900, 6), ("Electric", 49_900, 9)]
    ),
    ModelLine(
      brand: "Velmara",
      name: "Corvo",
      code: "COR",
      bodyStyle: "Hatchback",
      launch: "2023-09-01",
      variants: [("Petrol", 24_900, 12), ("Hybrid", 27_900, 8)]
    ),
    ModelLine(
      brand: "Velmara",
      name: "Delmira",
      code: "DEL",
      bodyStyle: "Estate",
      launch: "2023-09-01",
      variants: [("Petrol", 36_900, 4), ("Diesel", 38_900, 7), ("Plug-in Hybrid", 44_900, 4)]
    ),
    ModelLine(
      brand: "Velmara",
      name: "Esteron",
      code: "EST",
      bodyStyle: "Coupe",
      launch: "2023-09-01",
      variants: [("Petrol", 58_900, 1), ("Plug-in Hybrid", 66_900, 1)]
    ),
    ModelLine(
      brand: "Lumeno",
      name: "Ilvo",
      code: "ILV",
      bodyStyle: "Hatchback",
      launch: "2025-03-01",
      variants: [("Electric", 22_900, 7)]
    ),
    ModelLine(
      brand: "Lumeno",
      name: "Nivo",
      code: "NIV",
      bodyStyle: "Hatchback",
      launch: "2023-09-01",
      variants: [("Electric", 31_900, 11)]
    ),
    ModelLine(
      brand: "Lumeno",
      name: "Sorana",
      code: "SOR",
      bodyStyle: "SUV",
      launch: "2023-09-01",
      variants: [("Electric", 45_900, 7)]
    ),
    ModelLine(
      brand: "Torvak",
      name: "Hardan",
      code: "HAR",
      bodyStyle: "Pickup",
      launch: "2023-09-01",
      variants: [("Diesel", 47_900, 3), ("Plug-in Hybrid", 54_900, 1)]
    ),
    ModelLine(
      brand: "Torvak",
      name: "Portor",
      code: "POR",
      bodyStyle: "Van",
      launch: "2023-09-01",
      variants: [("Diesel", 39_900, 8), ("Electric", 48_900, 3)]
    ),
  ]

  /// Every car of the model years 2024 to 2026.
  static let range: [Product] = {
    var products: [Product] = []
    for line in lines {
      for modelYear in 2024...2026 {
        for variant in line.variants {
          guard let days = days(of: line, modelYear) else { continue }
          products.append(make(id: products.count + 1, line, modelYear, variant, days))
        }
      }
    }
    return products
  }()

  /// A model year is on sale from the September before it to the November in it.
  private static func days(of line: ModelLine, _ modelYear: Int) -> DateRange? {
    let start = max(DemoCompany.date("\(modelYear - 1)-09-01"), DemoCompany.date(line.launch))
    let end = DemoCompany.date("\(modelYear)-12-01")
    return start < DemoCompany.date("\(modelYear)-09-01") ? DateRange(start: start, end: end) : nil
  }

  private static func make(
    id: Int,
    _ line: ModelLine,
    _ modelYear: Int,
    _ variant: (fuelType: String, price: Int, popularity: Double),
    _ days: DateRange
  ) -> Product {
    let fullPrice = variant.price * (100 + 2 * (modelYear - 2_024)) / 100
    let isCut = line.name == "Corvo" && modelYear >= 2_026  // the cut of April 2025 is in the next price list
    let costShare = 800 + (variant.fuelType == "Electric" ? 25 : 0) - (line.bodyStyle == "Coupe" ? 30 : 0)
    return Product(
      id: id,
      sku: "\(line.code)-\(variant.fuelType.uppercased().filter(\.isLetter).prefix(3))-\(modelYear % 100)",
      brand: line.brand,
      modelLine: line.name,
      bodyStyle: line.bodyStyle,
      fuelType: variant.fuelType,
      modelYear: modelYear,
      listPrice: isCut ? fullPrice * 92 / 100 : fullPrice,
      unitCost: fullPrice * costShare / 1_000,
      popularity: variant.popularity,
      onSale: days
    )
  }

  /// Whole euros asked for it on a day, before options and discount.
  func listPrice(on day: CivilDate) -> Int {
    let isCut = modelLine == "Corvo" && modelYear < 2_026 && DemoCompany.priceCut.days.contains(day)
    return isCut ? listPrice * 92 / 100 : listPrice
  }

  /// How much it is wanted in a region on a day, before planted events; 0 when it is not on sale.
  func appeal(in region: Region, on day: CivilDate) -> Double {
    guard onSale.contains(day) else { return 0 }
    let years = Double(day.dayNumber - DemoCompany.firstDay.dayNumber) / 365
    let isOutgoing = day >= DemoCompany.date("\(modelYear)-09-01")
    let trend =
      switch fuelType {
      case "Electric": (0.7 + 0.22 * years) * region.electricTaste
      case "Diesel": 1.1 - 0.16 * years
      default: 1.0
      }
    return popularity * trend * (isOutgoing ? 0.25 : 1)
  }
}
