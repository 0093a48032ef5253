import Glibc

/// What kind of prompt it is; each kind has weights of its own, since what makes it hard differs.
public enum PromptKind: String, Hashable, Sendable, CaseIterable {
  /// One of lettered options has to be chosen.
  case choice
  /// Everything else.
  case open
}

/// The measures of a prompt that the score is made from, in a fixed order, and its hashed wording.
///
/// Counts are on the scale log(1 + n), so that the tenth comma adds less than the first.
struct PromptFeatures {
  /// The names of the measures, in their order.
  static let names = [
    "words", "letters", "words before options", "sentences", "words in a sentence", "letters in a word",
    "share of long words", "share of very long words", "distinct words", "repeated words", "numbers",
    "distinct numbers", "digits", "largest number", "decimals", "percent", "currency", "commas", "questions",
    "brackets",
    "quotations", "operators", "code signs", "dashes", "colons", "blanks to fill", "other scripts", "negations",
    "causal words", "step words", "fractions", "comparisons", "units of time", "mathematics", "pronouns",
    "negations before options", "conditions", "conjunctions", "share of 'of'", "share of 'the'", "options",
    "words in options", "longest option", "shortest option", "spread of options", "numeric options",
    "repetition in options", "options repeat the question", "share of single letters", "statements", "number words",
    "each and every", "remainders", "sequence words",
  ]

  /// The measures, one for each name.
  let values: [Double]
  let kind: PromptKind
  /// The buckets of the words, their beginnings and their ends, each once.
  let wording: [Int]

  /// How many buckets words are hashed into.
  static let wordingSize = 1 << 14

  init(_ text: PromptText) {
    let options = OptionList(text)
    kind = options.isEmpty ? .open : .choice
    values = Measures(text, options).values
    wording = Self.buckets(text)
  }

  // MARK: - Wording

  /// The buckets of one token: the whole, its first five letters, its last four; a number counts as any number.
  static func buckets(of token: PromptText.Token, in bytes: [UInt8]) -> [Int] {
    if token.kind == .number { return [bucket(stableHash([0x30]), 1)] }
    var found = [bucket(token.hash, 1)]
    guard token.kind == .word else { return found }
    found.append(bucket(stableHash(bytes[token.start..<min(token.end, token.start + 5)]), 2))
    if token.length > 4 { found.append(bucket(stableHash(bytes[(token.end - 4)..<token.end]), 3)) }
    return found
  }

  private static func bucket(_ hash: UInt64, _ salt: UInt64) -> Int {
    let mixed = (hash ^ (salt &* 0x9E37_79B9_7F4A_7C15)) &* 0xBF58_476D_1CE4_E5B9
    return Int(truncatingIfNeeded: mixed >> 50) & (wordingSize - 1)
  }

  private static func buckets(_ text: PromptText) -> [Int] {
    var seen = [UInt64](repeating: 0, count: wordingSize / 64)
    var found: [Int] = []
    found.reserveCapacity(text.tokens.count * 2)
    func add(_ bucket: Int) {
      let bit = UInt64(1) << UInt64(bucket & 63)
      if seen[bucket >> 6] & bit == 0 {
        seen[bucket >> 6] |= bit
        found.append(bucket)
      }
    }
    for token in text.tokens {
      switch token.kind {
      case .number: add(numberBucket)
      case .sign: add(bucket(token.hash, 1))
      case .word:
        add(bucket(token.hash, 1))
        add(bucket(stableHash(text.bytes[token.start..<min(token.end, token.start + 5)]), 2))
        if token.length > 4 { add(bucket(stableHash(text.bytes[(token.end - 4)..<token.end]), 3)) }
      }
    }
    return found
  }

  private static let numberBucket = bucket(stableHash([0x30]), 1)
}

/// The lettered options of a prompt: at least `a`, `b` and `c` in this order, each followed by a point or a bracket.
private struct OptionList {
  /// The index of the letter of each option among the tokens.
  private(set) var letters: [Int] = []
  let tokenCount: Int

  var isEmpty: Bool { letters.isEmpty }

  init(_ text: PromptText) {
    tokenCount = text.tokens.count
    let wanted = Array("abcde".utf8)
    for (index, token) in text.tokens.enumerated() where index + 1 < text.tokens.count {
      guard token.kind == .word, token.length == 1, text.bytes[token.start] == wanted[letters.count] else { continue }
      let next = text.tokens[index + 1]
      let sign = text.bytes[next.start]
      guard next.kind == .sign, sign == UInt8(ascii: ".") || sign == UInt8(ascii: ")") else { continue }
      letters.append(index)
      if letters.count == wanted.count { break }
    }
    if letters.count < 3 { letters = [] }
  }

  /// The tokens of each option.
  var ranges: [Range<Int>] {
    letters.indices.map { index in
      let end = index + 1 < letters.count ? letters[index + 1] : tokenCount
      return min(letters[index] + 2, end)..<end
    }
  }
}

/// Gathers the measures in one pass over the tokens.
private struct Measures {
  private(set) var values: [Double] = []

  private let text: PromptText
  private let options: OptionList
  private var groups = [Int](repeating: 0, count: WordGroup.count)
  private var signs = [Int](repeating: 0, count: 256)
  private var lengths = [Int](repeating: 0, count: 33)
  private var words: [UInt64] = []
  private var numbers: [UInt64] = []
  private var letters = 0
  private var digits = 0
  private var decimals = 0
  private var largest = 0.0
  private var singleLetters = 0
  private var sentences = 1
  private var otherBytes = 0
  private var negationsBefore = 0
  private var wordsBefore = 0

  init(_ text: PromptText, _ options: OptionList) {
    self.text = text
    self.options = options
    words.reserveCapacity(text.tokens.count)
    let ask = options.letters.first ?? text.tokens.count
    for index in text.tokens.indices { take(text.tokens[index], at: index, isBeforeOptions: index < ask) }
    values = general + ofOptions + rest
  }

  private mutating func take(_ token: PromptText.Token, at index: Int, isBeforeOptions: Bool) {
    switch token.kind {
    case .word: takeWord(token, isBeforeOptions)
    case .number: takeNumber(token)
    case .sign:
      let byte = text.bytes[token.start]
      signs[Int(byte)] += 1
      guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") else { return }
      // The point behind a single letter ends no sentence: it belongs to an option or a name.
      if index == 0 || text.tokens[index - 1].length > 1 || text.tokens[index - 1].kind != .word { sentences += 1 }
    }
  }

  private mutating func takeWord(_ token: PromptText.Token, _ isBeforeOptions: Bool) {
    words.append(token.hash)
    letters += token.length
    lengths[min(token.length, 32)] += 1
    if token.length == 1 { singleLetters += 1 }
    if text.bytes[token.start] >= 0x80 { otherBytes += token.length }
    if isBeforeOptions { wordsBefore += 1 }
    var mask = WordGroup.masks.mask(of: token.hash)
    if isBeforeOptions, mask & WordGroup.negation.bit != 0 { negationsBefore += 1 }
    while mask != 0 {
      groups[mask.trailingZeroBitCount] += 1
      mask &= mask - 1
    }
  }

  private mutating func takeNumber(_ token: PromptText.Token) {
    numbers.append(token.hash)
    var value = 0.0
    var scale = 0.0
    for byte in text.bytes[token.start..<token.end] {
      switch byte {
      case UInt8(ascii: "."): scale = 1
      case UInt8(ascii: ","): break
      default:
        digits += 1
        value = value * 10 + Double(byte - 0x30)
        scale *= 10
      }
    }
    if scale > 0 {
      decimals += 1
      value /= scale
    }
    largest = max(largest, min(value, 1e9))
  }

  // MARK: - The values, in the order of the names

  private func count(_ group: WordGroup) -> Double { log1p(Double(groups[group.rawValue])) }

  private func signs(_ wanted: StaticString) -> Double {
    log1p(Double(wanted.withUTF8Buffer { $0.reduce(0) { $0 + signs[Int($1)] } }))
  }

  private var general: [Double] {
    let count = Double(max(1, words.count))
    let distinct = Measures.distinct(words)
    let long = lengths[8...].reduce(0, +)
    let veryLong = lengths[11...].reduce(0, +)
    return [
      log1p(Double(words.count)), log1p(Double(letters)), log1p(Double(wordsBefore)), log1p(Double(sentences)),
      log1p(Double(words.count) / Double(sentences)), Double(letters) / count, Double(long) / count,
      Double(veryLong) / count, Double(distinct) / count, log1p(Double(words.count - distinct)),
      log1p(Double(numbers.count)), log1p(Double(Measures.distinct(numbers))), log1p(Double(digits)), log1p(largest),
      log1p(Double(decimals)), signs("%"), signs("$"), signs(","), signs("?"), signs("("), signs("\""),
      signs("+-*/=<>^|"), signs("{}[];\\`_"), signs("-"), signs(":"), log1p(Double(signs[0x5F] / 3)),
      Double(otherBytes) / Double(max(1, letters)), self.count(.negation), self.count(.causal), self.count(.step),
      self.count(.fraction), self.count(.comparison), self.count(.time), self.count(.mathematics),
      self.count(.pronoun), log1p(Double(negationsBefore)), self.count(.condition), self.count(.conjunction),
      Double(groups[WordGroup.of.rawValue]) / count, Double(groups[WordGroup.the.rawValue]) / count,
    ]
  }

  private var ofOptions: [Double] {
    let ranges = options.ranges
    guard !ranges.isEmpty else { return [Double](repeating: 0, count: 8) }
    let sizes = ranges.map { Double($0.count) }
    let mean = sizes.reduce(0, +) / Double(sizes.count)
    let spread = (sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sizes.count)).squareRoot()
    let numeric = ranges.count { range in text.tokens[range].contains { $0.kind == .number } }
    let all = ranges.flatMap { text.tokens[$0].map(\.hash) }
    let question = Set(text.tokens[..<(options.letters.first ?? 0)].lazy.filter { $0.kind == .word }.map(\.hash))
    let inOptions = ranges.flatMap { text.tokens[$0].filter { $0.kind == .word } }
    let shared = inOptions.count { question.contains($0.hash) }
    return [
      Double(ranges.count), log1p(sizes.reduce(0, +)), log1p(sizes.max() ?? 0), log1p(sizes.min() ?? 0),
      log1p(spread), Double(numeric) / Double(ranges.count),
      1 - Double(Measures.distinct(all)) / Double(max(1, all.count)), Double(shared) / Double(max(1, inOptions.count)),
    ]
  }

  private var rest: [Double] {
    [
      Double(singleLetters) / Double(max(1, words.count)), count(.statement), count(.number), count(.each),
      count(.remainder), count(.sequence),
    ]
  }

  private static func distinct(_ hashes: [UInt64]) -> Int {
    let sorted = hashes.sorted()
    var found = sorted.isEmpty ? 0 : 1
    for index in sorted.indices.dropFirst() where sorted[index] != sorted[index - 1] { found += 1 }
    return found
  }
}

/// Groups of words that are counted.
private enum WordGroup: Int, CaseIterable {
  case negation, causal, step, fraction, comparison, time, mathematics, pronoun, condition, conjunction, of, the
  case statement, number, each, remainder, sequence

  static let count = allCases.count
  static let masks = WordTable(
    allCases.map { group in (group.bit, group.words.split(separator: " ").map(String.init)) }
  )

  var bit: UInt32 { 1 << UInt32(rawValue) }

  private var words: String {
    switch self {
    case .negation:
      "not except least never without cannot no neither nor false incorrect unlikely isn't doesn't don't can't won't"
    case .causal:
      """
      why because cause causes caused causing reason reasons driver drivers driven explain explains impact affect \
      affects effect unless although despite assuming should would could recommend likely most primarily suppose given \
      therefore since hence contribute contributed correlate correlation forecast predict scenario improve strategy
      """
    case .step:
      """
      then first second third next finally after before afterwards each every per compare compared versus both while \
      also times twice half double triple remaining rest left more less than fewer total altogether another same rank \
      respectively
      """
    case .fraction: "half halves third thirds quarter quarters twice thrice double triple fifth tenth percent"
    case .comparison: "more less fewer than times as older younger taller longer greater smaller higher lower"
    case .time: "day days week weeks month months quarter quarters year years hour hours minute minutes daily weekly"
    case .mathematics:
      """
      calculate compute find determine value equation function probability integral matrix polynomial group ring field \
      graph vector sum product ratio area volume mean
      """
    case .pronoun: "he she his her they them their him it its"
    case .condition: "if unless when whether suppose assuming"
    case .conjunction: "and or but"
    case .of: "of"
    case .the: "the"
    case .statement: "statement statements"
    case .number:
      """
      one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand \
      dozen million
      """
    case .each: "each every per"
    case .remainder: "remaining rest left remainder remain remains still"
    case .sequence: "then after before first second third next finally later again until initially originally"
    }
  }
}

/// Which groups a word is in, by the word's hash: open addressing in an array that is never full.
private struct WordTable {
  private var keys = [UInt64](repeating: 0, count: 1_024)
  private var masks = [UInt32](repeating: 0, count: 1_024)

  init(_ groups: [(bit: UInt32, words: [String])]) {
    for (bit, words) in groups {
      for word in words {
        let hash = stableHash(word.utf8)
        let slot = slot(of: hash)
        keys[slot] = hash
        masks[slot] |= bit
      }
    }
  }

  func mask(of hash: UInt64) -> UInt32 { masks[slot(of: hash)] }

  private func slot(of hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & 1_023
    while keys[slot] != 0, keys[slot] != hash { slot = (slot + 1) & 1_023 }
    return slot
  }
}
