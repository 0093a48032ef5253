import CoachVocabulary
import Declarations
import Foundation
import Questions
import SemanticLayer

/// The driver of libFuzzer, which `-sanitize=fuzzer` links in.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
private enum QuestionFuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
  }
}

/// Reads any bytes as a question, and then as a follow-up to what that was; neither may crash, hang or give a frame that
/// cannot be compiled.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  guard text.unicodeScalars.count <= 4_000 else { return 0 }
  let halves = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
  let first = check(Subject.parser.parse(halves[0]))
  if halves.count > 1 { _ = check(Subject.parser.parse(halves[1], after: first)) }
  return 0
}

/// The frame of an answer, which has to compile.
private func check(_ parsed: ParsedQuestion) -> Frame? {
  guard case .sure(let frame) = parsed.outcome else { return nil }
  do {
    _ = try Subject.parser.compiler.compile(frame)
  } catch {
    fatalError("a frame that does not compile: \(frame): \(error)")
  }
  return frame
}

/// The shipped domain, with a few values for each of its dimensions.
private enum Subject {
  static let parser: QuestionParser = {
    let root = ProcessInfo.processInfo.environment["COACH_ROOT"] ?? "."
    let collector = DiagnosticCollector()
    guard let data = FileManager.default.contents(atPath: "\(root)/config/domains/dealer.yaml"),
      let tree = DeclarationTree.reading(yaml: Array(data), file: "dealer.yaml", reporting: collector),
      let model = SemanticModel(reading: tree, reporting: collector), let today = CivilDate("2026-06-30")
    else { fatalError("COACH_ROOT names no folder with config/domains/dealer.yaml") }
    let words = ["North", "South", "Berlin Autohaus", "Model S 3", "Completed", "SUV", "Grace O'Neil", "A-Class 200"]
    let values = Dictionary(uniqueKeysWithValues: model.dimensions.map { ($0.name, words) })
    let calendar = BusinessCalendar(
      asOf: today,
      weekStart: model.calendar.weekStart,
      fiscalStartMonth: model.calendar.fiscalStartMonth
    )
    return QuestionParser(
      lexicon: Lexicon(model: model, values: values),
      compiler: FrameCompiler(model: model, calendar: calendar)
    )
  }()
}
