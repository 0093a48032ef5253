import CoachVocabulary
import ConcurrencyKit

/// A dealer of the network.
struct Dealer {
  let id: Int
  let name: String
  let city: String
  let country: String
  let region: Region
  let group: String
  let tier: String
  let openedOn: CivilDate
  /// Its demand in relation to the average dealer.
  let weight: Double
  /// How well it treats its customers, from -1 to 1.
  let quality: Double
}

/// A sales region with its share of the network.
enum Region: String, CaseIterable {
  case north = "North"
  case west = "West"
  case south = "South"
  case east = "East"
  case alpine = "Alpine"
  case benelux = "Benelux"
  case nordics = "Nordics"
  case iberia = "Iberia"

  /// The group that owns most dealers of the region.
  var group: String {
    switch self {
    case .north: "Hansekai Gruppe"
    case .west: "Rheinbogen Mobil"
    case .south, .alpine: "Alpenblick Auto"
    case .east: "Ostring Holding"
    case .benelux: "Duinzicht Groep"
    case .nordics: "Fjordstad Biler"
    case .iberia: "Costa Clara Motor"
    }
  }

  /// How readily people here buy electric cars, 1 being the average.
  var electricTaste: Double {
    switch self {
    case .nordics: 1.9
    case .benelux: 1.35
    case .iberia: 0.6
    case .east: 0.8
    case .north, .west, .south, .alpine: 1
    }
  }

  /// The cities with a dealer, by country.
  var cities: [(country: String, names: [String])] {
    switch self {
    case .north:
      [("Germany", ["Hamburg", "Bremen", "Hanover", "Kiel", "Lübeck", "Rostock", "Osnabrück", "Oldenburg"])]
    case .west:
      [
        (
          "Germany",
          ["Cologne", "Düsseldorf", "Dortmund", "Essen", "Münster", "Aachen", "Bonn", "Bielefeld", "Koblenz"]
        )
      ]
    case .south:
      [
        ("Germany", ["Munich", "Stuttgart", "Nuremberg", "Augsburg", "Ulm", "Freiburg", "Karlsruhe", "Regensburg"])
      ]
    case .east: [("Germany", ["Berlin", "Leipzig", "Dresden", "Chemnitz", "Erfurt", "Magdeburg", "Potsdam"])]
    case .alpine:
      [
        ("Austria", ["Vienna", "Graz", "Linz", "Salzburg", "Innsbruck"]),
        ("Switzerland", ["Zurich", "Bern", "Basel", "Lucerne"]),
      ]
    case .benelux:
      [
        ("Netherlands", ["Amsterdam", "Rotterdam", "Utrecht", "Eindhoven"]),
        ("Belgium", ["Brussels", "Antwerp", "Ghent", "Liège"]),
      ]
    case .nordics:
      [("Denmark", ["Copenhagen", "Aarhus", "Odense"]), ("Sweden", ["Stockholm", "Gothenburg", "Malmö", "Uppsala"])]
    case .iberia:
      [("Spain", ["Madrid", "Barcelona", "Valencia", "Seville", "Bilbao"]), ("Portugal", ["Lisbon", "Porto"])]
    }
  }
}

extension Dealer {
  /// Dealers that opened while the data was already running: a city and its first month.
  private static let newcomers = ["Potsdam": "2024-09-01", "Uppsala": "2025-03-01", "Seville": "2025-10-01"]

  /// Big cities sell more.
  private static let big: Set<String> = [
    "Berlin", "Hamburg", "Munich", "Cologne", "Vienna", "Zurich", "Amsterdam", "Brussels", "Copenhagen", "Stockholm",
    "Madrid", "Barcelona",
  ]

  private static let families = [
    "Petersen", "Brandhorst", "Weidlich", "Kranzler", "Lindqvist", "Hofreiter", "Terhaag", "Sandvik", "Ferreira",
    "Castellar", "Vermeiren", "Oberlin", "Rasmussen", "Quandel", "Steiger", "Dalmau",
  ]

  /// The whole network.
  static func network(seed: UInt64) -> [Dealer] {
    var random = SplitMix64(seed: seed)
    var dealers: [Dealer] = []
    for region in Region.allCases {
      for (country, cities) in region.cities {
        for city in cities {
          dealers.append(make(id: dealers.count + 1, city: city, country: country, region: region, &random))
        }
      }
    }
    return dealers
  }

  private static func make(
    id: Int,
    city: String,
    country: String,
    region: Region,
    _ random: inout SplitMix64
  ) -> Dealer {
    let belongs = random.chance(0.65) || (region == .west && city == "Cologne")
    let family = families[random.below(families.count)]
    let weight = (big.contains(city) ? 1.5 : 0.6) + 0.6 * random.unit()
    let opening = DemoCompany.date("1994-01-01").adding(days: random.below(9_500))
    return Dealer(
      id: id,
      name: belongs ? "\(region.group.split(separator: " ")[0]) \(city)" : "\(house(in: country)) \(family) \(city)",
      city: city,
      country: country,
      region: region,
      group: belongs ? region.group : "Independent",
      tier: weight > 1.6 ? "Platinum" : weight > 0.95 ? "Gold" : "Silver",
      openedOn: newcomers[city].map(DemoCompany.date) ?? opening,
      weight: weight,
      quality: 2 * random.unit() - 1
    )
  }

  private static func house(in country: String) -> String {
    switch country {
    case "Netherlands", "Belgium": "Autobedrijf"
    case "Denmark", "Sweden": "Bilhuset"
    case "Spain", "Portugal": "Auto"
    default: "Autohaus"
    }
  }
}
