public import CoachAPI
import CoachAgents
import CoachVocabulary
import Questions
import SemanticLayer

/// Tries every computed question: that it is understood and has rows, that its own words find it, and that words which ask
/// something else do not.
public struct DumpTest: Sendable {
  /// What one question came to.
  public struct Finding: Hashable, Sendable, Codable {
    /// The question's name.
    public var name: String
    /// The domain it is about.
    public var domain: String
    /// How many other questions were held against it.
    public var variants: Int
    /// What is wrong; empty when all is well.
    public var faults: [String]
  }

  private let application: CoachApplication

  /// Makes the test of an application.
  public init(_ application: CoachApplication) { self.application = application }

  /// Tries the questions of a category, or all; they are computed first where they are missing.
  ///
  /// - Throws: `CoachProblem.unknownCategory`.
  public func run(category: String?) async throws(CoachProblem) -> [Finding] {
    if let category, !application.dumps.categoryNames.contains(category) {
      throw .unknownCategory(category, known: application.dumps.categoryNames)
    }
    let job = await application.dumps.compute(category: category, reason: .hand, onlyMissing: true)
    var findings: [Finding] = []
    for question in application.dumps.settings.questions where category == nil || question.category == category {
      let fault = job?.faults.first { $0.name == question.name && $0.domain == question.domain }?.detail
      findings.append(await finding(question, fault))
    }
    return findings
  }

  private func finding(_ question: DumpSettings.Question, _ fault: String?) async -> Finding {
    let variants = Self.variants(of: question.text)
    var finding = Finding(name: question.name, domain: question.domain, variants: variants.count, faults: [])
    if let fault { finding.faults.append(fault) }
    guard fault == nil, let domain = application.domains[question.domain],
      let context = try? await application.dumps.context(of: question.domain, domain)
    else { return finding }
    func found(_ text: String) -> DumpEntry? {
      if case .found(let found) = application.dumps.lookUp(text, domain, context) { found.entry } else { nil }
    }
    guard let own = found(question.text) else {
      finding.faults.append("its own words do not find it")
      return finding
    }
    if own.answer["rows"]?.arrayValue?.isEmpty ?? true { finding.faults.append("it has no rows") }
    for variant in variants {
      guard let other = found(variant), other.key == own.key else { continue }
      finding.faults.append("'\(variant)' would be answered by it")
    }
    return finding
  }

  /// Pairs of words that ask for something else.
  private static let opposites = [
    ("last", "this"), ("top", "bottom"), ("month", "year"), ("quarter", "month"), ("region", "country"),
    ("model", "brand"), ("revenue", "units sold"), ("this year", "in 2024"),
  ]

  /// The question with one number, period, name or direction changed, or with a condition more.
  static func variants(of question: String) -> [String] {
    let words = question.split(separator: " ").map(String.init)
    var variants: [String] = []
    for (place, word) in words.enumerated() {
      var changed = words
      if let number = Int(word.filter(\.isNumber)), word.first?.isNumber == true, word.allSatisfy(\.isNumber) {
        changed[place] = String(number + 1)
        variants.append(changed.joined(separator: " "))
      }
    }
    for (one, other) in opposites {
      guard let range = Self.range(of: one.split(separator: " ").map(String.init), in: words) else { continue }
      var changed = words
      changed.replaceSubrange(range, with: [other])
      variants.append(changed.joined(separator: " "))
    }
    let bare = question.hasSuffix("?") ? String(question.dropLast()) : question
    return variants + ["\(bare) in 2019", "\(bare) without the largest", "\(bare) over 5 million"]
  }

  private static func range(of part: [String], in words: [String]) -> Range<Int>? {
    guard words.count >= part.count else { return nil }
    for start in 0...(words.count - part.count)
    where words[start..<start + part.count].map({ $0.lowercased() }) == part {
      return start..<start + part.count
    }
    return nil
  }
}
