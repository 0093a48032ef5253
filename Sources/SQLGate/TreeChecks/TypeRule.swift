import SQLSyntax

/// Lets through only types whose input reads nothing but the text: no names of relations, roles or functions, no
/// domains with conditions of their own.
struct TypeRule: TreeCheck {
  let name = "types"

  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal) {
    try query.visit { (node) throws(Refusal) in
      guard case .type(let type) = node else { return }
      guard isAllowed(type, policy.dialect) else {
        throw Refusal(
          .forbiddenType,
          "The type '\((type.schema + [type.name]).joined(separator: "."))' may not be used.",
          hint: "Use the usual types of numbers, texts, dates and JSON.",
          offset: type.offset
        )
      }
    }
  }

  private func isAllowed(_ type: SQLTypeName, _ dialect: SQLDialect) -> Bool {
    switch dialect {
    case .sqlite: return isWords(type.name) && type.modifiers.count <= 2
    case .postgres:
      let isNarrow =
        type.modifiers.count <= 2 && type.modifiers.allSatisfy { (-1_000...Self.widest(type)).contains($0) }
      return isNarrow && type.dimensions <= 3 && ["", "pg_catalog"].contains(type.schema.joined(separator: "."))
        && SQLFunctions.postgresTypes.contains(type.name)
    }
  }

  /// Texts of a fixed length are filled up with blanks; an interval's numbers say which fields it has.
  private static func widest(_ type: SQLTypeName) -> Int {
    switch type.name {
    case "interval": 0xFFFF
    case "varchar": 10_485_760
    default: 1_000
    }
  }

  /// SQLite takes any words for a type; these are the ones that people write.
  private func isWords(_ name: String) -> Bool {
    name.utf8.count <= 60
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && $0.properties.isAlphabetic || $0 == " " || $0 == "_" || ("0"..."9").contains($0)
      }
  }
}
