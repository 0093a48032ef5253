import CoachVocabulary
import Questions
import SemanticLayer

/// Questions that could come next; each is tried by the parser before it is offered.
struct Suggestions {
  let domain: Domain
  let parser: QuestionParser

  /// At most three, as a person would type them.
  func after(_ frame: Frame) -> [String] {
    var found: [String] = []
    for candidate in candidates(frame) where found.count < 3 {
      guard case .sure(let next) = parser.parse(candidate, after: frame).outcome, next != frame,
        (try? parser.compiler.compile(next)) != nil
      else { continue }
      found.append(candidate)
    }
    return found
  }

  private func candidates(_ frame: Frame) -> [String] {
    var candidates: [String] = []
    let used = Set(frame.dimensions + frame.filters.map(\.dimension))
    let open = domain.model.dimensions.filter { dimension in
      guard !used.contains(dimension.name), let count = domain.lexicon.valueCount(of: dimension.name) else {
        return false
      }
      return (2...20).contains(count)
        && frame.metrics.allSatisfy { name in
          domain.model.metric(name).map { parser.compiler.reaches(dimension, from: $0) } ?? false
        }
    }
    if frame.comparison == nil, frame.time != nil { candidates.append("compared with the same period last year") }
    for dimension in open.prefix(2) { candidates.append("and by \(dimension.label)?") }
    if frame.grain == nil, (frame.time?.range.dayCount ?? 0) > 45 { candidates.append("by month") }
    if let limit = frame.limit {
      candidates.append("and the \(frame.order?.descending == false ? "top" : "bottom") \(max(limit, 3))?")
    }
    if frame.time != nil { candidates.append("last year instead") }
    return candidates
  }
}
