extension SQLiteSession {
  /// The tables and views of the main database by name, without SQLite's own.
  public func tables() throws(SQLiteFailure) -> [SQLiteTable] {
    let sql = """
      SELECT name, type FROM pragma_table_list
      WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
      """
    return try query(sql).rows.compactMap { row in
      guard let name = row[0].string, let kind = row[1].string.flatMap(SQLiteTable.Kind.init) else { return nil }
      return SQLiteTable(name: name, kind: kind)
    }
  }

  /// The columns of a table or view from left to right; none when there is no such table.
  public func columns(of table: String) throws(SQLiteFailure) -> [SQLiteColumn] {
    // 1 marks the hidden columns of virtual tables; 2 and 3 are generated columns, which can be read like others.
    let sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid"
    return try query(sql, [.text(table)]).rows.map { row in
      SQLiteColumn(
        name: row[0].string ?? "",
        declaredType: row[1].string ?? "",
        isNotNull: row[2].bool ?? false,
        primaryKeyPosition: row[3].int.flatMap { $0 > 0 ? $0 : nil }
      )
    }
  }
}
