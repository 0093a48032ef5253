/// One piece of a statement's text, as SQLite cuts it; blanks and comments are no tokens.
public struct SQLToken: Hashable, Sendable {
  /// What kind of piece it is.
  public enum Kind: Hashable, Sendable {
    /// A keyword or a name without quotes.
    case word
    /// A name in double quotes, brackets or backticks.
    case quotedName
    /// A text in single quotes; SQLite also takes one for a name where only a name can stand.
    case string
    /// A number.
    case number
    /// A place for a bound value.
    case parameter
    /// An operator, bracket, comma or anything else.
    case symbol
  }

  /// What kind of piece it is.
  public let kind: Kind
  /// The name or text without its quotes, else the piece as it stands.
  public let text: String
  /// Where it stands, in bytes of the statement's UTF-8 form.
  public let range: Range<Int>
  /// Whether the quote that opens it is closed again; true of tokens without quotes.
  public let isClosed: Bool

  init(kind: Kind, text: String, range: Range<Int>, isClosed: Bool = true) {
    self.kind = kind
    self.text = text
    self.range = range
    self.isClosed = isClosed
  }

  /// Whether this is the given keyword, without quotes and in any case.
  public func isKeyword(_ keyword: String) -> Bool {
    kind == .word && text.utf8.count == keyword.utf8.count
      && zip(text.utf8, keyword.utf8).allSatisfy {
        $0 == $1 || $0 | 0x20 == $1 | 0x20 && $0 | 0x20 >= UInt8(ascii: "a")
      }
  }

  /// Whether this is the given operator, bracket or comma.
  public func isSymbol(_ symbol: String) -> Bool {
    kind == .symbol && text == symbol
  }

  /// Whether it can stand for the name of a table, column or function.
  public var canBeName: Bool {
    switch kind {
    case .word, .quotedName, .string: true
    case .number, .parameter, .symbol: false
    }
  }
}

extension SQLToken {
  /// Cuts a statement into its tokens.
  ///
  /// It never fails: a quote without its end reaches to the end of the text, for the engine's parser to refuse.
  public static func tokens(of sql: String) -> [SQLToken] {
    var tokenizer = SQLTokenizer(sql)
    return tokenizer.tokens()
  }
}
