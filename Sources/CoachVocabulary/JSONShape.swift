/// The members of JSON objects that a reader looks at; the others are checked and forgotten, which saves making them.
///
/// Written as a dictionary: `["choices": ["delta": ["content": .whole]]]` keeps `choices`, of each object in it `delta`,
/// and of that `content`. Lists are passed through: their elements have the shape of the list.
public struct JSONShape: Sendable, ExpressibleByDictionaryLiteral {
  struct Member: Sendable {
    let name: String
    let bytes: [UInt8]
    let shape: JSONShape
  }

  /// The members to keep; nil keeps all.
  let members: [Member]?

  private init(_ members: [Member]?) { self.members = members }

  /// Keeps the members that are named.
  public init(dictionaryLiteral members: (String, JSONShape)...) {
    self.init(members.map { Member(name: $0.0, bytes: Array($0.0.utf8), shape: $0.1) })
  }

  /// Keeps everything.
  public static let whole = JSONShape(nil)

  /// The member of a name.
  func member(_ name: String) -> Member? { members?.first { $0.name == name } }

  /// The member whose name is these bytes.
  func member(_ name: UnsafeBufferPointer<UInt8>) -> Member? {
    members?.first { $0.bytes.count == name.count && $0.bytes.elementsEqual(name) }
  }
}
