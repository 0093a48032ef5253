public import CoachVocabulary

/// The rules of `messages` channels: lists of objects that are found by their `id`.
public enum Messages {
  /// An item that removes the one with this id; removing what is not there is an error of the run.
  public static func removal(of id: String) -> JSONValue { ["id": .string(id), "removed": true] }

  /// An item that removes all items before it.
  public static let removalOfAll: JSONValue = ["removed": "all"]

  /// Why a list could not be merged.
  struct Refusal: Error {
    let message: String
  }

  private static func isRemovalOfAll(_ item: JSONValue) -> Bool { item["removed"] == "all" }

  private static func isRemoval(_ item: JSONValue) -> Bool { item["removed"] == true }

  /// The items with an id each; those without one get `prefix/number`.
  static func identified(_ items: [JSONValue], prefix: String) throws(Refusal) -> [JSONValue] {
    var result: [JSONValue] = []
    result.reserveCapacity(items.count)
    for (number, item) in items.enumerated() {
      guard var members = item.objectValue else {
        throw Refusal(message: "holds \(item.kindName) in place of an object")
      }
      if isRemovalOfAll(item) || members["id"]?.stringValue != nil {
        result.append(item)
        continue
      }
      guard members["id"] == nil, !isRemoval(item) else { throw Refusal(message: "holds an item whose id is no text") }
      members["id"] = .string("\(prefix)/\(number)")
      result.append(.object(members))
    }
    return result
  }

  /// The list after items were merged into it, one after the other.
  static func merged(_ list: [JSONValue], with items: [JSONValue]) throws(Refusal) -> [JSONValue] {
    var kept: [JSONValue?] = list
    var places = Dictionary(
      list.enumerated().compactMap { place, item in item["id"]?.stringValue.map { ($0, place) } },
      uniquingKeysWith: { $1 }
    )
    for item in items {
      if isRemovalOfAll(item) {
        kept = []
        places = [:]
        continue
      }
      guard let id = item["id"]?.stringValue else { throw Refusal(message: "holds an item without id") }
      if isRemoval(item) {
        guard let place = places.removeValue(forKey: id) else {
          throw Refusal(message: "removes the item '\(id)', which is not in the list")
        }
        kept[place] = JSONValue?.none
      } else if let place = places[id] {
        kept[place] = item
      } else {
        places[id] = kept.count
        kept.append(item)
      }
    }
    return kept.compactMap(\.self)
  }
}
