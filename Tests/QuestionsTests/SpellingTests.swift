import Testing

@testable import Questions

@Suite struct `The distance between two words` {
  @Test(arguments: [
    ("revenue", "revenue", 0), ("revnue", "revenue", 1), ("reveneu", "revenue", 1), ("rvenuee", "revenue", 2),
    ("", "ab", 2), ("ca", "abc", 3),
  ])
  func `counts edits and swapped neighbours`(_ left: String, _ right: String, _ edits: Int) {
    let distance = Spelling.distance(Array(left.unicodeScalars), Array(right.unicodeScalars), limit: 3)
    #expect(distance == edits)
  }

  @Test func `is not counted beyond the limit`() {
    #expect(Spelling.distance(Array("charges".unicodeScalars), Array("visits".unicodeScalars), limit: 2) == nil)
  }
}

@Suite struct `Tokens` {
  @Test(arguments: [
    ("What's the café's revenue?", ["what", "is", "the", "cafe", "revenue"]),
    ("over 50k or 2.5m", ["over", "50k", "or", "2.5m"]), ("1,234,567 units", ["1234567", "units"]),
    ("Jan–Mar 2025", ["jan", "mar", "2025"]), ("don't", ["do", "not"]), ("5% & more", ["5", "percent", "and", "more"]),
    ("", []), ("  ,;: ", []),
  ])
  func `are folded words, numbers and signs`(_ text: String, _ folded: [String]) {
    #expect(Tokenizer.tokens(of: text).map(\.folded) == folded)
  }

  @Test(arguments: [("50k", 50_000.0), ("2.5m", 2_500_000), ("1,234", 1_234), ("twelve", 12), ("3bn", 3_000_000_000)])
  func `know their number`(_ text: String, _ value: Double) {
    #expect(Tokenizer.tokens(of: text).first?.number == value)
  }

  @Test(arguments: [
    ("dealers", "dealer"), ("cities", "city"), ("branches", "branch"), ("boxes", "box"), ("gas", "gas"),
    ("status", "status"), ("sold", "sell"), ("analysis", "analysis"),
  ])
  func `have a base form`(_ word: String, _ lemma: String) {
    #expect(Tokenizer.lemma(of: word) == lemma)
  }

  @Test func `are at most four hundred`() {
    #expect(Tokenizer.tokens(of: String(repeating: "a ", count: 3_000)).count <= 400)
  }
}
