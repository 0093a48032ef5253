import SQLiteKit
import Testing

@Suite struct `A SQLite value` {
  @Test func `is made of what Swift has, and of what it lacks`() {
    #expect(SQLiteValue(5 as Int?) == 5)
    #expect(SQLiteValue(nil as Int?) == .null)
    #expect(SQLiteValue("a" as String?) == "a")
    #expect(SQLiteValue(nil as String?).isNull)
    #expect(SQLiteValue(1.5 as Double?) == 1.5)
    #expect(SQLiteValue([1, 2] as [UInt8]?) == .blob([1, 2]))
    #expect(SQLiteValue(true as Bool?) == 1)
    #expect(SQLiteValue(false) == 0)
  }

  @Test func `answers with the form that is asked for, or with nothing`() {
    #expect(SQLiteValue.integer(3).int == 3)
    #expect(SQLiteValue.integer(3).double == 3)
    #expect(SQLiteValue.integer(3).bool == true)
    #expect(SQLiteValue.integer(3).string == nil)
    #expect(SQLiteValue.real(0.5).double == 0.5)
    #expect(SQLiteValue.real(0.5).int == nil)
    #expect(SQLiteValue.text("3").string == "3")
    #expect(SQLiteValue.text("3").int == nil)
    #expect(SQLiteValue.blob([3]).bytes == [3])
    #expect(SQLiteValue.null.bytes == nil)
  }

  @Test func `is found in a column by its name`() {
    let rows = SQLiteRows(columns: ["a", "b"], rows: [[1, 2], [3, 4]])
    #expect(rows.values(of: "b") == [2, 4])
    #expect(rows.values(of: "c") == nil)
    #expect(rows.scalar == 1)
    #expect(rows.count == 2)
    #expect(!rows.isEmpty)
  }
}
