import Foundation
import HTTPClientKit
import Testing

@testable import CoachAPI

@Suite struct `The page` {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/CoachAPI/Page")

  @Test func `is served at the root under a strict policy`() async throws {
    let served = try ServedCoach()
    let answer = try await served.send("GET", "/")
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
    #expect(
      answer.headers["content-security-policy"]
        == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    #expect(answer.text.contains("<!doctype html>"))
    await served.stop()
  }

  @Test func `holds every file of its folder, byte for byte`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    let page = PageAssets(chartLibraries: [])
    #expect(page.names == names.sorted())
    for name in names {
      #expect(page[name].map { Data($0.bytes) } == (try Data(contentsOf: Self.folder.appending(path: name))), "\(name)")
    }
  }

  @Test func `every asset is served as what it is`() async throws {
    let served = try ServedCoach()
    for name in PageAssets(chartLibraries: []).names {
      let answer = try await served.send("GET", "/assets/\(name)")
      #expect(answer.status == 200)
      let types = ["js": "text/javascript", "css": "text/css", "html": "text/html"]
      let type = types[name.split(separator: ".").last.map(String.init) ?? ""] ?? ""
      #expect(answer.headers["content-type"] == "\(type); charset=utf-8", "\(name)")
    }
    await served.stop()
  }

  @Test func `the assets that the page names are all there`() throws {
    let page = PageAssets(chartLibraries: [])
    let html = String(decoding: page[PageAssets.index]?.bytes ?? [], as: UTF8.self)
    let named = html.matches(of: /"\/assets\/([^"]+)"/).map { String($0.1) }
    #expect(!named.isEmpty)
    for name in named { #expect(page[name] != nil, "\(name)") }
  }

  @Test func `a copy that is still good is not sent again`() async throws {
    let served = try ServedCoach()
    for path in ["/", "/assets/coach.css"] {
      let first = try await served.send("GET", path)
      let tag = try #require(first.headers["etag"])
      #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 10)
      for sent in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
        let again = try await served.send("GET", path, headers: [("If-None-Match", sent)])
        #expect(again.status == 304)
        #expect(again.bytes.isEmpty)
        #expect(again.headers["etag"] == tag)
        #expect(again.headers["cache-control"] == "no-cache")
      }
      for sent in ["\"other\"", String(tag.dropFirst()), ""] {
        #expect(try await served.send("GET", path, headers: [("If-None-Match", sent)]).status == 200)
      }
    }
    await served.stop()
  }

  @Test func `files that differ have tags that differ`() {
    let page = PageAssets(chartLibraries: [])
    #expect(Set(page.names.compactMap { page[$0]?.tag }).count == page.names.count)
  }

  @Test func `the chart library is the first of the system's that can be read`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).js")
    try Data("window.Chart = 1;".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let page = PageAssets(chartLibraries: ["/nothing/chart.js", file.path, "/etc/hostname"])
    #expect(page.hasChartLibrary)
    let served = try ServedCoach(page: page)
    let answer = try await served.send("GET", "/assets/chart.js")
    #expect(answer.text == "window.Chart = 1;")
    #expect(answer.headers["content-type"] == "text/javascript; charset=utf-8")
    await served.stop()
  }

  @Test(arguments: [[], ["/nothing/chart.js"], ["/tmp"]])
  func `without a chart library there is none to serve`(_ places: [String]) async throws {
    let page = PageAssets(chartLibraries: places)
    #expect(!page.hasChartLibrary)
    let served = try ServedCoach(page: page)
    #expect(try await served.send("GET", "/assets/chart.js").status == 404)
    await served.stop()
  }
}
