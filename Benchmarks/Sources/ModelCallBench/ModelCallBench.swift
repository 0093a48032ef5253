import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import Foundation
import HTTPClientKit
import LanguageModel
import Ledger
import ModelProviders
import ModelRouting
import Persistence

/// What a routed call of a model costs besides the model: over real sockets, against a scripted server in a process of
/// its own, which answers at once.
@main
struct ModelCallBench {
  static func main() async throws {
    ProcessMemory.limitHeaps()
    if CommandLine.arguments.contains("--server") { return try await serve() }
    try await Task.detached { try await measure() }.value
  }

  /// Plays the server until it is killed.
  private static func serve() async throws {
    let reply = String(repeating: "The model answers in a few words. ", count: 6)
    let server = ScriptedModelServer([ScriptedExchange(times: 0, reply: reply)])
    try server.start()
    print(server.port)
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3_600)) }
  }

  private static func measure() async throws {
    let server = try ServerProcess()
    defer { server.stop() }
    let client = try HTTPClient()
    var report = Report()
    let plain = try await sequence(2_000) { try await post(to: server.url, client) }
    report.add("a plain HTTP request, one connection", plain, besides: nil)
    let memory = Router(server.url, client, MemoryLedgerStore())
    report.add("routed, ledger in memory, one connection", try await sequence(2_000, memory.call), besides: plain)
    report.add("routed, ledger in memory, 32 at once", try await crowd(20_000, memory.call), besides: nil)
    try await withSQLite { store in
      let router = Router(server.url, client, store)
      report.add("routed, ledger on SQLite, one connection", try await sequence(2_000, router.call), besides: plain)
      report.add("routed, ledger on SQLite, 32 at once", try await crowd(20_000, router.call), besides: nil)
    }
    if TemporaryPostgreSQL.isAvailable {
      let postgres = try await TemporaryPostgreSQL(isDurable: true)
      let owner = try await postgres.makeDatabase().owner
      let router = Router(server.url, client, try await PostgresMetadataDatabase(owner).ledger)
      report.add("routed, ledger on PostgreSQL, one connection", try await sequence(1_000, router.call), besides: plain)
      report.add("routed, ledger on PostgreSQL, 32 at once", try await crowd(4_000, router.call), besides: nil)
      await postgres.stop()
    }
    let first = try await crowd(3_200) { try await memory.firstToken() }
    report.add("to the first token, 32 streams", first, besides: nil)
    let dead = Router(server.url, client, MemoryLedgerStore(), deadFirst: true)
    report.add("first endpoint dead, breaker shut", try await sequence(2, dead.call), besides: plain)
    report.add("first endpoint dead, breaker open", try await sequence(500, dead.call), besides: plain)
    report.print()
  }

  private static func post(to url: String, _ client: HTTPClient) async throws {
    let body = Array(#"{"model":"m","messages":[{"role":"user","content":"How are you?"}]}"#.utf8)
    let request = HTTPRequest(
      method: "POST",
      url: "\(url)/chat/completions",
      headers: [("Content-Type", "application/json")],
      body: body
    )
    for try await _ in try await client.stream(request).body {}
  }

  private static func withSQLite(_ body: (any LedgerStore) async throws -> Void) async throws {
    let path = "/var/tmp/model-call-bench-\(ProcessInfo.processInfo.processIdentifier).db"
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let database = try await MetadataDatabase(path: path)
    try await body(database.ledger)
    await database.close()
  }

  // MARK: - Load

  /// Calls one after the other, the first tenth of them to warm up.
  private static func sequence(_ count: Int, _ call: () async throws -> Void) async throws -> Sample {
    if count >= 10 { for _ in 0..<(count / 10) { try await call() } }
    var sample = Sample()
    for _ in 0..<count {
      let start = ContinuousClock.now
      try await call()
      sample.times.append((.now - start) / .milliseconds(1))
    }
    return sample.ended()
  }

  /// Calls by 32 tasks.
  private static func crowd(_ count: Int, _ call: @escaping @Sendable () async throws -> Void) async throws -> Sample {
    for _ in 0..<64 { try await call() }
    var sample = Sample()
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<32 {
        group.addTask {
          var times: [Double] = []
          for _ in 0..<(count / 32) {
            let start = ContinuousClock.now
            try await call()
            times.append((.now - start) / .milliseconds(1))
          }
          return times
        }
      }
      for try await times in group { sample.times += times }
    }
    return sample.ended()
  }
}

/// A router with one local endpoint, and before it one that nobody serves where that is wanted.
private struct Router: Sendable {
  private let router: ModelRouter
  private let model: OpenAIChatModel
  private let request = ModelRequest(
    messages: [.system("You are brief."), .user("How are you?")],
    maxOutputTokens: 100
  )

  init(_ url: String, _ client: HTTPClient, _ store: any LedgerStore, deadFirst: Bool = false) {
    func model(at url: String) -> OpenAIChatModel? {
      ChatURL(base: url).map { OpenAIChatModel(.init(url: $0, model: "m"), client: client) }
    }
    guard let living = model(at: url), let dead = model(at: "http://127.0.0.1:9/v1") else { fatalError("bad address") }
    self.model = living
    var endpoints = [ModelEndpoint(name: "living", tier: .local, modelName: "m", model: living)]
    if deadFirst { endpoints.insert(ModelEndpoint(name: "dead", tier: .local, modelName: "m", model: dead), at: 0) }
    let price = TokenPrices(input: NanoDollars(150_000_000), output: NanoDollars(600_000_000))
    let budget = Budget(name: "all", scope: .tenant, window: .call, most: NanoDollars(1_000_000_000))
    let ledger = Ledger(
      store: store,
      prices: PriceTable(["living": [PriceList(prices: price)], "dead": [PriceList(prices: price)]]),
      budgets: BudgetBook([budget]),
      now: { Date() }
    )
    router = ModelRouter(
      endpoints: endpoints,
      policy: RoutingPolicy(),
      ledger: ledger,
      environment: ModelRouter.Environment(
        seed: 1,
        identifiers: IdentifierSource(
          milliseconds: { UInt64(Date().timeIntervalSince1970 * 1_000) },
          random: { UInt64.random(in: 0 ... .max) }
        )
      )
    )
  }

  @Sendable func call() async throws {
    let reply = try await router.reply(to: ModelCall(request))
    guard reply.text.hasPrefix("The model answers") else { fatalError("a wrong reply: \(reply.text)") }
  }

  /// A stream up to its first words.
  @Sendable func firstToken() async throws {
    for try await event in model.events(for: request) { if case .text = event { return } }
  }
}

/// The times of calls, and what they took together.
private struct Sample {
  var times: [Double] = []
  private let start = ContinuousClock.now
  private let cpuAtStart = Sample.cpu
  private(set) var seconds = 0.0
  private(set) var cpu = 0.0

  /// User and system time of all threads, in seconds.
  private static var cpu: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  func ended() -> Sample {
    var ended = self
    ended.seconds = (ContinuousClock.now - start) / .seconds(1)
    ended.cpu = Self.cpu - cpuAtStart
    ended.times.sort()
    return ended
  }

  func percentile(_ share: Double) -> Double { times[min(times.count - 1, Int(Double(times.count) * share))] }
}

/// One line for each case.
private struct Report {
  private var lines = ["case                                           p50 ms  p99 ms  added p50  calls/s  CPU ms"]

  mutating func add(_ name: String, _ sample: Sample, besides plain: Sample?) {
    let added = plain.map { String(format: "%9.3f", sample.percentile(0.5) - $0.percentile(0.5)) } ?? "         "
    let figures = String(
      format: "%7.3f %7.3f  %@ %8.0f %7.3f",
      sample.percentile(0.5),
      sample.percentile(0.99),
      added,
      Double(sample.times.count) / sample.seconds,
      sample.cpu / Double(sample.times.count) * 1_000
    )
    lines.append(name.padding(toLength: 46, withPad: " ", startingAt: 0) + figures)
  }

  func print() {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    Swift.print(lines.joined(separator: "\n"))
    Swift.print("peak resident memory \(usage.ru_maxrss / 1_024) MB")
  }
}

/// The scripted server in a process of its own.
private struct ServerProcess {
  let url: String
  private let process: Process

  init() throws {
    process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--server"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    url = "http://127.0.0.1:\(line.split(separator: "\n").first ?? "0")/v1"
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
