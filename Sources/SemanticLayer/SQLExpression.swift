/// An SQL expression from a domain file, split into tokens so that its columns can be qualified.
///
/// It may use the columns of one dataset, literals, operators and functions; it may not hold a statement end,
/// a comment, a parameter or a subquery.
public struct SQLExpression: Hashable, Sendable, CustomStringConvertible {
  enum Token: Hashable, Sendable {
    case column(String)
    case other(String)
  }

  /// The expression as written.
  public let text: String
  let tokens: [Token]

  /// Why a text is not acceptable as an expression.
  public struct Failure: Error, Hashable, Sendable {
    /// What is wrong with it.
    public var message: String
  }

  /// Splits an expression.
  ///
  /// - Parameters:
  ///   - text: the expression as written in the domain file.
  ///   - dataset: the dataset whose columns it uses; `dataset.column` is read as `column`.
  /// - Throws: ``Failure`` naming what is not allowed in it.
  public init(_ text: String, dataset: String) throws(Failure) {
    self.text = text
    var scanner = Scanner(Array(text.unicodeScalars), dataset: dataset)
    tokens = try scanner.run()
  }

  /// The columns it names, each once, in the order of use.
  public var columns: [String] {
    var seen: Set<String> = []
    return tokens.compactMap { token in
      if case .column(let name) = token, seen.insert(name.lowercased()).inserted { name } else { nil }
    }
  }

  /// The expression with each column written as `alias.column`.
  public func rendered(alias: String) -> String {
    tokens.map { token in
      switch token {
      case .column(let name): "\(SQLName.quoted(alias)).\(SQLName.quoted(name))"
      case .other(let text): text
      }
    }.joined()
  }

  /// The expression as written.
  public var description: String { text }
}

extension SQLExpression {
  /// Walks the text once; holds nothing but its place.
  private struct Scanner {
    let scalars: [Unicode.Scalar]
    let dataset: String
    var index = 0
    var tokens: [Token] = []

    init(_ scalars: [Unicode.Scalar], dataset: String) {
      self.scalars = scalars
      self.dataset = dataset
    }

    mutating func run() throws(Failure) -> [Token] {
      while index < scalars.count { try step() }
      guard !tokens.isEmpty else { throw Failure(message: "the expression is empty") }
      return tokens
    }

    private mutating func step() throws(Failure) {
      let scalar = scalars[index]
      switch scalar {
      case "'": tokens.append(.other(try quoted(by: "'")))
      case "\"":
        let name = try quoted(by: "\"").dropFirst().dropLast()
        tokens.append(.column(String(name)))
      case ";": throw Failure(message: "';' is not allowed in an expression")
      case "?", "$", "@", ":": throw Failure(message: "parameters ('\(scalar)') are not allowed in an expression")
      case "-" where peek(1) == "-", "/" where peek(1) == "*":
        throw Failure(message: "comments are not allowed in an expression")
      case _ where Self.startsWord(scalar): try word()
      case _ where ("0"..."9").contains(scalar): tokens.append(.other(run { Self.continuesWord($0) || $0 == "." }))
      default:
        tokens.append(.other(String(Character(scalar))))
        index += 1
      }
    }

    private mutating func word() throws(Failure) {
      var name = run(while: Self.continuesWord)
      if peek(0) == "." {
        guard name.lowercased() == dataset.lowercased() else {
          throw Failure(message: "'\(name).' is not dataset '\(dataset)'; an expression may use one dataset only")
        }
        index += 1
        name = run(while: Self.continuesWord)
        tokens.append(.column(name))
        return
      }
      if name.lowercased() == "select" {
        throw Failure(message: "a subquery is not allowed in an expression")
      }
      var next = index
      while next < scalars.count, scalars[next] == " " { next += 1 }
      let isFunction = next < scalars.count && scalars[next] == "("
      if isFunction || Self.keywords.contains(name.lowercased()) {
        tokens.append(.other(name))
      } else {
        tokens.append(.column(name))
      }
    }

    private mutating func quoted(by mark: Unicode.Scalar) throws(Failure) -> String {
      let start = index
      index += 1
      while index < scalars.count {
        if scalars[index] == mark {
          if peek(1) == mark {
            index += 2
            continue
          }
          index += 1
          return String(String.UnicodeScalarView(scalars[start..<index]))
        }
        index += 1
      }
      throw Failure(message: "a quoted text is not closed")
    }

    private mutating func run(while belongs: (Unicode.Scalar) -> Bool) -> String {
      let start = index
      while index < scalars.count, belongs(scalars[index]) { index += 1 }
      return String(String.UnicodeScalarView(scalars[start..<index]))
    }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
      index + offset < scalars.count ? scalars[index + offset] : nil
    }

    private static func startsWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isAlphabetic || scalar == "_"
    }

    private static func continuesWord(_ scalar: Unicode.Scalar) -> Bool {
      startsWord(scalar) || ("0"..."9").contains(scalar)
    }

    private static let keywords: Set<String> = [
      "and", "or", "not", "in", "is", "null", "like", "between", "case", "when", "then", "else", "end", "cast", "as",
      "integer", "real", "text", "numeric", "glob", "escape", "collate", "nocase", "true", "false", "distinct",
      "exists", "current_date",
    ]
  }
}

/// How names are written in SQL.
public enum SQLName {
  /// The name, in double quotes unless it is a plain lower-case word that no dialect reserves.
  public static func quoted(_ name: String) -> String {
    let plain =
      !name.isEmpty
      && name.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || $0 == "_" || ("0"..."9").contains($0) }
      && !("0"..."9").contains(name.unicodeScalars[name.unicodeScalars.startIndex])
      && !reserved.contains(name)
    return plain
      ? name : "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static let reserved: Set<String> = [
    "all", "and", "as", "asc", "between", "by", "case", "check", "column", "create", "cross", "current", "default",
    "delete", "desc", "distinct", "drop", "else", "end", "except", "exists", "filter", "for", "foreign", "from",
    "full", "group", "having", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key", "left",
    "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "over", "primary",
    "references", "right", "row", "rows", "select", "set", "table", "then", "to", "transaction", "trigger", "union",
    "unique", "update", "using", "values", "view", "when", "where", "window", "with",
  ]
}
