import FoundationEssentials

/// The files of the web page: those in the binary, and the chart library of the system where there is one.
public struct PageAssets: Sendable {
  /// One file.
  struct Asset: Sendable {
    let bytes: [UInt8]
    let contentType: String
    /// The strong `ETag`, in quotation marks.
    let tag: String

    init(name: String, bytes: [UInt8]) {
      self.bytes = bytes
      contentType = Self.contentType(of: name)
      tag = "\"\(Self.hash(of: bytes))\""
    }

    /// Whether a value of `If-None-Match` names this version; weak tags count, as RFC 9110, section 13.1.2, says.
    func tag(isIn header: String) -> Bool {
      header.split(separator: ",").map(\.trimmingSpaces).contains { $0 == "*" || $0 == tag || $0 == "W/\(tag)" }
    }

    private static func contentType(of name: String) -> String {
      switch name.split(separator: ".").last {
      case "html": "text/html; charset=utf-8"
      case "css": "text/css; charset=utf-8"
      case "js": "text/javascript; charset=utf-8"
      case "svg": "image/svg+xml"
      default: "application/octet-stream"
      }
    }

    /// FNV-1a in 64 bits, and the length: enough to tell versions of a file apart, no defence against forgery.
    private static func hash(of bytes: [UInt8]) -> String {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return String(hash, radix: 16) + "-" + String(bytes.count, radix: 16)
    }
  }

  /// Nothing from elsewhere, nothing inline, no frames, no forms.
  static let contentSecurityPolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  /// The name of the page itself, which is served at `/`.
  static let index = "index.html"

  /// Where Debian's packages put the chart library's script for browsers, the smaller form first.
  public static let usualChartLibraries = [
    "/usr/share/javascript/chart.js/chart.min.js",
    "/usr/share/javascript/chart.js/chart.js",
    "/usr/share/nodejs/chart.js/dist/chart.min.js",
    "/usr/share/nodejs/chart.js/dist/chart.js",
  ]

  private static let chartLibraryLimit = 8 << 20
  private let assets: [String: Asset]

  /// Takes the page out of the binary and reads the chart library, once.
  ///
  /// - Parameter chartLibraries: files to look for, the first that can be read is served as `/assets/chart.js`; when none
  ///   can be, the page does without charts. A file of more than 8 MiB is passed over.
  public init(chartLibraries: [String] = usualChartLibraries) {
    var files = Self.embedded
    files["chart.js"] = chartLibraries.lazy.compactMap(Self.read).first
    assets = Dictionary(uniqueKeysWithValues: files.map { ($0, Asset(name: $0, bytes: $1)) })
  }

  /// Whether the chart library was found.
  public var hasChartLibrary: Bool { assets["chart.js"] != nil }

  /// The names of all files.
  var names: [String] { assets.keys.sorted() }

  subscript(name: String) -> Asset? { assets[name] }

  private static func read(_ path: String) -> [UInt8]? {
    guard let bytes = FileManager.default.contents(atPath: path), (1...chartLibraryLimit).contains(bytes.count) else {
      return nil
    }
    return Array(bytes)
  }
}
