/// What the log of a run says that happened, over all the processes that worked on it.
struct OutsideWorld {
  /// The keys of all effects; one key stands for one effect, however often it came.
  private(set) var effects: Set<String> = []
  /// How often an effect came again under its key: it had happened, but the process died before that was saved.
  private(set) var repeated = 0
  /// How many tasks were executed again because their superstep was not saved.
  private(set) var executedAgain = 0
  /// How many of these had done their effect, and so did nothing outside again.
  private(set) var executedAfterEffect = 0
  /// What must not be.
  private(set) var faults: [String] = []

  private var tasks: Set<String> = []
  private var recorded: Set<String> = []
  private var saved: Set<String> = []
  /// The effects of the process at hand.
  private var current: Set<String> = []
  /// The effects that were at work when a process ended.
  private var inFlight: Set<String> = []

  init(_ lines: [String]) {
    for line in lines {
      let words = line.split(separator: " ", maxSplits: 1).map { String($0) }
      guard words.count == 2 else {
        begin()
        continue
      }
      switch words[0] {
      case "task": execute(words[1])
      case "effect": happen(words[1])
      case "recorded": recorded.insert(words[1])
      case "saved": saved.insert(words[1])
      default: faults.append("what is '\(line)'?")
      }
    }
  }

  private mutating func begin() {
    inFlight = effects.subtracting(recorded)
    current = []
  }

  private mutating func execute(_ task: String) {
    if !tasks.insert(task).inserted {
      executedAgain += 1
      if recorded.contains("\(task)/effect") { executedAfterEffect += 1 }
    }
    if saved.contains(task) { faults.append("\(task) was executed again though it was saved as finished") }
  }

  private mutating func happen(_ key: String) {
    if !current.insert(key).inserted { faults.append("\(key) happened twice in one process") }
    if recorded.contains(key) { faults.append("\(key) happened again though its result was saved") }
    guard !effects.insert(key).inserted else { return }
    repeated += 1
    if !inFlight.contains(key) { faults.append("\(key) happened again though it was not at work at the kill") }
  }
}
