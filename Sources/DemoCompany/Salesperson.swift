import CoachVocabulary
import ConcurrencyKit

/// Somebody who sells cars at one dealer.
struct Salesperson {
  let id: Int
  let name: String
  let dealer: Int
  let hiredOn: CivilDate
}

extension Salesperson {
  private static let firstNames = [
    "Anneke", "Bastian", "Carla", "Dorte", "Emil", "Femke", "Gregor", "Hilda", "Ilka", "Jonas", "Katrin", "Lars",
    "Mireia", "Nuno", "Ottilie", "Piet", "Ronja", "Sixten", "Tilda", "Ulrike", "Veit", "Wiebke", "Yannick", "Zita",
  ]
  private static let familyNames = [
    "Abendroth", "Brinkhaus", "Clausnitz", "Dahlgaard", "Eversmann", "Figueral", "Gruber", "Holmstad", "Immenhof",
    "Jelgersma", "Kaltenbach", "Lobinger", "Mandrup", "Noordhof", "Ollerich", "Pommerin", "Quist", "Rosendal",
    "Salvater", "Tannhof", "Uhlenbrock", "Vantongeren", "Wackerle", "Zeilinger",
  ]

  /// Four to seven people for each dealer, no name twice.
  static func staff(of dealers: [Dealer], seed: UInt64) -> [Salesperson] {
    var random = SplitMix64(seed: seed)
    var taken: Set<String> = []
    var staff: [Salesperson] = []
    for dealer in dealers {
      for _ in 0..<(3 + random.round(2 * dealer.weight)) {
        let name = freshName(&random, &taken)
        let start = max(dealer.openedOn, DemoCompany.date("2005-01-01"))
        let free = max(1, DemoCompany.firstDay.dayNumber - start.dayNumber)
        let hiredOn = start.adding(days: random.below(free))
        staff.append(Salesperson(id: staff.count + 1, name: name, dealer: dealer.id, hiredOn: hiredOn))
      }
    }
    return staff
  }

  /// A name that nobody has yet: a random one, or the next free one after it.
  private static func freshName(_ random: inout SplitMix64, _ taken: inout Set<String>) -> String {
    let count = firstNames.count * familyNames.count
    let start = random.below(count)
    for step in 0..<count {
      let place = (start + step) % count
      let name = "\(firstNames[place / familyNames.count]) \(familyNames[place % familyNames.count])"
      if taken.insert(name).inserted { return name }
    }
    preconditionFailure("there are more than \(count) salespeople")
  }
}
