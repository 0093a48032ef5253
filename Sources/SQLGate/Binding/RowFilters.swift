import SQLSyntax

/// The row filters of a policy, read once.
struct RowFilters: Sendable {
  private let conditions: [[String]: [SQLExpression]]
  private let broken: Set<[String]>

  init(_ policy: GatePolicy) {
    var conditions: [[String]: [SQLExpression]] = [:]
    var broken: Set<[String]> = []
    for relation in policy.relations {
      for filter in relation.rowFilters {
        do throws(SyntaxFault) {
          conditions[Self.key(relation), default: []].append(try Self.condition(filter, policy.dialect))
        } catch {
          broken.insert(Self.key(relation))
        }
      }
    }
    self.conditions = conditions
    self.broken = broken
  }

  /// The conditions on the rows of a relation; nil when one of them cannot be read.
  func conditions(of relation: GateRelation) -> [SQLExpression]? {
    broken.contains(Self.key(relation)) ? nil : conditions[Self.key(relation)] ?? []
  }

  private static func key(_ relation: GateRelation) -> [String] { [relation.schema ?? "", relation.name] }

  private static func condition(_ text: String, _ dialect: SQLDialect) throws(SyntaxFault) -> SQLExpression {
    let query = try SQLParser.parse("SELECT 1 WHERE (\(text)\n)", dialect: dialect)
    guard case .select(let select) = query.body, let filter = select.filter, query == SQLQuery(body: query.body),
      select == SQLSelect(items: select.items, filter: filter)
    else { throw SyntaxFault(.grammar, "a row filter is no condition") }
    return filter
  }
}
