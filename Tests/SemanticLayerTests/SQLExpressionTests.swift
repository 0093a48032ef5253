import SemanticLayer
import Testing

@Suite struct `An expression of a domain file` {
  @Test(arguments: [
    ("amount", "o.amount"), ("amount - cost", "o.amount - o.cost"), ("orders.amount", "o.amount"),
    ("ORDERS.amount * 2.5", "o.amount * 2.5"), ("status = 'paid'", "o.status = 'paid'"),
    ("status IN ('a', 'it''s')", "o.status IN ('a', 'it''s')"),
    ("lower(status) LIKE 'p%'", "lower(o.status) LIKE 'p%'"),
    ("CASE WHEN amount > 1 THEN 1 ELSE 0 END", "CASE WHEN o.amount > 1 THEN 1 ELSE 0 END"),
    ("\"order\" + 1", "o.\"order\" + 1"), ("round (amount, 2)", "round (o.amount, 2)"),
    ("CAST(amount AS INTEGER)", "CAST(o.amount AS INTEGER)"), ("note = 'a;b--c'", "o.note = 'a;b--c'"),
    ("größe > 1", "o.\"größe\" > 1"),
  ])
  func `has its columns qualified`(_ text: String, _ rendered: String) throws {
    #expect(try SQLExpression(text, dataset: "orders").rendered(alias: "o") == rendered)
  }

  @Test func `names each of its columns once`() throws {
    let expression = try SQLExpression("amount - Cost + amount * cost", dataset: "orders")
    #expect(expression.columns == ["amount", "Cost"])
    #expect(expression.description == "amount - Cost + amount * cost")
  }

  @Test(arguments: [
    ("", "the expression is empty"), ("1; DROP TABLE orders", "';' is not allowed in an expression"),
    ("amount -- all", "comments are not allowed in an expression"),
    ("amount /* all */", "comments are not allowed in an expression"),
    ("amount > ?1", "parameters ('?') are not allowed in an expression"),
    ("amount > :limit", "parameters (':') are not allowed in an expression"),
    ("amount > $limit", "parameters ('$') are not allowed in an expression"),
    ("amount > @limit", "parameters ('@') are not allowed in an expression"),
    ("(SELECT 1)", "a subquery is not allowed in an expression"),
    ("amount IN (select id from x)", "a subquery is not allowed in an expression"),
    ("status = 'paid", "a quoted text is not closed"), ("\"amount", "a quoted text is not closed"),
    ("customers.name", "'customers.' is not dataset 'orders'; an expression may use one dataset only"),
  ])
  func `is refused with the reason`(_ text: String, _ message: String) throws {
    let failure = #expect(throws: SQLExpression.Failure.self) { try SQLExpression(text, dataset: "orders") }
    #expect(failure?.message == message)
  }

  @Test(arguments: [
    ("amount", "amount"), ("Amount", "\"Amount\""), ("order", "\"order\""), ("a b", "\"a b\""), ("1st", "\"1st\""),
    ("a\"b", "\"a\"\"b\""), ("", "\"\""), ("x_1", "x_1"), ("über", "\"über\""),
  ])
  func `has names that are quoted where they must be`(_ name: String, _ quoted: String) {
    #expect(SQLName.quoted(name) == quoted)
  }
}
