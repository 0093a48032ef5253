import ConcurrencyKit
import FoundationEssentials
import Glibc
import SQLiteKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DemoTests {
  @Test func `one seed gives the same bytes twice, another seed gives others`() async throws {
    let standard = try await DemoDatabase.path()
    let coach = try Coach.withoutData()
    let (again, other) = (coach.folder.file("new/again.sqlite"), coach.folder.file("other.sqlite"))
    #expect(try await coach.run("demo", "--out", again, "--seed", "1").status == 0)
    #expect(try await coach.run("demo", "--out", other, "--seed", "2").status == 0)
    #expect(bytes(of: again) == bytes(of: standard))
    #expect(!bytes(of: other).isEmpty)
    #expect(bytes(of: other) != bytes(of: standard))
  }

  @Test func `a file that is there is left alone unless forced`() async throws {
    let coach = try Coach.withoutData()
    let path = try coach.folder.write("mine", to: "data/dealer.sqlite")
    let refused = try await coach.run("demo")
    #expect(refused.errors.contains("--force"))
    #expect(text(of: path) == "mine")
    #expect(try await coach.run("demo", "--force").status == 0)
    #expect(try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: .readOnly)).tableCount > 5)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `a kill in the middle leaves the old file as it was`(seed: UInt64) async throws {
    let coach = try Coach.withoutData()
    let path = try coach.folder.write("the old file", to: "data/dealer.sqlite")
    let writing = try coach.start(["demo", "--force"])
    _ = try await eventually("the demo begins to write") {
      try FileManager.default.contentsOfDirectory(atPath: coach.dataFolder).count > 1 ? true : nil
    }
    var chance = SplitMix64(seed: seed)
    try await Task.sleep(for: .milliseconds(Int.random(in: 0...300, using: &chance)))
    writing.signal(SIGKILL)
    #expect(try await writing.ending() == .killed(SIGKILL))
    #expect(text(of: path) == "the old file")
  }

  @Test func `after a kill the demo is written as if nothing had been`() async throws {
    let coach = try Coach.withoutData()
    let path = coach.folder.file("data/dealer.sqlite")
    let writing = try coach.start(["demo"])
    _ = try await eventually("the demo begins to write") {
      try FileManager.default.contentsOfDirectory(atPath: coach.dataFolder).isEmpty ? nil : true
    }
    writing.signal(SIGKILL)
    _ = try await writing.ending()
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try await coach.run("demo").status == 0)
    #expect(bytes(of: path) == bytes(of: try await DemoDatabase.path()))
    #expect(try FileManager.default.contentsOfDirectory(atPath: coach.dataFolder) == ["dealer.sqlite"])
  }

  @Test func `a place that cannot be written to is named`() async throws {
    let result = try await Coach.withoutData().run("demo", "--out", "/proc/nowhere/dealer.sqlite")
    #expect(result.status == 3)
    #expect(result.errors.contains("/proc/nowhere/dealer.sqlite"))
  }
}

extension SQLiteDatabase {
  fileprivate var tableCount: Int {
    get throws { try query("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").scalar?.int ?? 0 }
  }
}
