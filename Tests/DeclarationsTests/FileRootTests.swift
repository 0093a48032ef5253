import Declarations
import FoundationEssentials
import Testing

@Suite struct `A file root` {
  @Test func `reads files and lists names without hidden ones`() throws {
    let project = try Project(["b/two.txt": "2", "b/one.txt": "1", "b/.hidden": "x", "b/c/three.txt": "3"])
    #expect(try project.root.names(in: "b") == ["c", "one.txt", "two.txt"])
    #expect(try project.root.text(of: "b/one.txt") == "1")
    #expect(try project.root.kind(of: "b/c") == .folder)
    #expect(try project.root.kind(of: "b/one.txt") == .file)
    #expect(try project.root.kind(of: "b/none") == nil)
    #expect(try project.root.names(in: "none") == [])
  }

  @Test(arguments: ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/.."])
  func `refuses a name that could lead out`(name: String) throws {
    let project = try Project(["a/x": "1"])
    let failure = #expect(throws: FileRootFailure.self) { try project.root.bytes(of: name) }
    #expect(failure?.reason == "the name must be relative and without '..'")
  }

  @Test func `refuses a link out of the folder, for files and for folders`() throws {
    let outside = try Project(["secret.yaml": "secret: 1"])
    let project = try Project(["graphs/a.yaml": "graph: a"])
    try project.link("graphs/b.yaml", to: outside.path + "/secret.yaml")
    try project.link("agents", to: outside.path)
    #expect(throws: FileRootFailure.self) { try project.root.bytes(of: "graphs/b.yaml") }
    #expect(throws: FileRootFailure.self) { try project.root.names(in: "agents") }
    #expect(
      project.findings() == [
        "agents:1: error: cannot be read: it is a link that leads out of the folder",
        "graphs/b.yaml:1: error: cannot be read: it is a link that leads out of the folder",
      ]
    )
  }

  @Test func `refuses a link into a folder whose name only begins alike`() throws {
    let project = try Project(["a": "1"])
    let sibling = project.path + "-sibling"
    try FileManager.default.createDirectory(atPath: sibling, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: sibling) }
    try Data("x".utf8).write(to: URL(filePath: sibling + "/x"))
    try project.link("x", to: sibling + "/x")
    #expect(throws: FileRootFailure.self) { try project.root.bytes(of: "x") }
  }

  @Test func `follows a link that stays inside`() throws {
    let project = try Project(["real/a.txt": "1"])
    try project.link("alias", to: "real")
    #expect(try project.root.text(of: "alias/a.txt") == "1")
  }

  @Test func `refuses a folder as a file, and too many entries`() throws {
    let project = try Project(["a/1": "", "a/2": "", "a/3": ""])
    #expect(throws: FileRootFailure.self) { try project.root.bytes(of: "a") }
    let narrow = FileRoot(path: project.path, entryLimit: 2)
    let failure = #expect(throws: FileRootFailure.self) { try narrow.names(in: "a") }
    #expect(failure?.reason == "it has more than 2 entries")
  }

  @Test(arguments: [(4, true), (3, false)])
  func `reads a file up to its limit and no further`(limit: Int, isFine: Bool) throws {
    let project = try Project(["a": "1234"])
    let root = FileRoot(path: project.path, fileLimit: limit)
    #expect(((try? root.bytes(of: "a")) != nil) == isFine)
  }
}
