/// The bounds of the columns that can be named at one place of a bound statement.
final class VolumeScope {
  let parent: VolumeScope?
  private var sources: [String: [String: Bound]] = [:]

  init(parent: VolumeScope?) { self.parent = parent }

  func add(_ columns: [String: Bound], named name: String) { sources[name] = columns }

  /// The bound of a column; a bare name is that of a result or of a joined column.
  func bound(of path: [String]) -> Bound {
    guard let name = path.last else { return .data }
    if path.count == 2 {
      if let columns = sources[path[0]] { return columns[name] ?? columns.widest }
      return parent?.bound(of: path) ?? .data
    }
    if let row = sources[name] { return row.widest }  // a whole row
    let found = sources.values.compactMap { $0[name] }
    guard let first = found.first else {
      return parent?.bound(of: path) ?? sources.values.map(\.widest).reduce(.data) { $0.or($1) }
    }
    return found.dropFirst().reduce(first) { $0.or($1) }
  }
}

extension [String: Bound] {
  /// A bound that holds for every column, and for all of them as one text.
  fileprivate var widest: Bound {
    values.reduce(Bound(length: 0, magnitude: 10_000)) { sum, bound in
      Bound(length: sum.length + bound.length, magnitude: Swift.max(sum.magnitude, bound.magnitude))
    }
  }
}
