/// A place in a template that names a value.
public struct TemplateName: Hashable, Sendable {
  /// The name as written, for instance `columns` or `dealer.city`; `.` for the value of the section around it.
  public var name: String
  /// The names of the sections around it, from the outermost to the innermost; inverted sections do not count.
  public var sections: [String]
  /// The line, counted from 1.
  public var line: Int
  /// The column, in Unicode scalars, counted from 1.
  public var column: Int

  /// Makes a name.
  public init(name: String, sections: [String], line: Int, column: Int) {
    self.name = name
    self.sections = sections
    self.line = line
    self.column = column
  }
}

/// The names that a caller supplies to a template, with the names inside them.
public struct TemplateShape: Hashable, Sendable {
  /// The members of an object, or of each object of a list; none for a plain value.
  public var members: [String: TemplateShape]

  /// Makes a shape.
  public init(_ members: [String: TemplateShape] = [:]) { self.members = members }

  /// Makes a shape of plain values.
  public init(names: some Sequence<String>) {
    members = Dictionary(names.map { ($0, TemplateShape()) }, uniquingKeysWith: { $1 })
  }
}
