public import SemanticLayer

/// Reads questions in plain English as frames, without a model.
///
/// A word that carries meaning and fits nowhere makes the question unsure: guessing would be a wrong number
/// without a warning.
public struct QuestionParser: Sendable {
  /// What can be asked about.
  public let lexicon: Lexicon
  /// Turns frames into SQL, which tells what the data can say.
  public let compiler: FrameCompiler

  /// Makes a parser for a model at a moment.
  public init(lexicon: Lexicon, compiler: FrameCompiler) {
    self.lexicon = lexicon
    self.compiler = compiler
  }

  /// Reads a question.
  ///
  /// - Parameters:
  ///   - question: the text as asked.
  ///   - previous: the frame of the last answer in the conversation, which a follow-up edits.
  /// - Returns: what became of it, with what was assumed on the way.
  public func parse(_ question: String, after previous: Frame? = nil) -> ParsedQuestion {
    parse(question, after: previous, previewsOptions: true)
  }

  /// Reads a question; the options of a clarification are parsed in turn for their previews, but not theirs again.
  func parse(_ question: String, after previous: Frame?, previewsOptions: Bool) -> ParsedQuestion {
    let raw = Tokenizer.tokens(of: question)
    let spelling = Spelling(lexicon: lexicon)
    let tokens = spelling.corrected(raw)
    let reader = SpanReader(lexicon: lexicon, calendar: compiler.calendar, tokens: tokens)
    var builder = FrameBuilder(
      question: question,
      tokens: tokens,
      spans: reader.spans(),
      lexicon: lexicon,
      compiler: compiler,
      previous: previous,
      previewsOptions: previewsOptions
    )
    var parsed = builder.build()
    let mended = tokens.compactMap { token in token.correctedFrom.map { "read '\($0)' as '\(token.folded)'" } }
    let replaced = tokens.compactMap { token in
      lexicon.thesaurus[token.lemma].map { "read '\(token.folded)' as '\($0)'" }
    }
    parsed.notes = mended + replaced + parsed.notes
    return parsed
  }
}
