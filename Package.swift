// swift-tools-version: 6.2
import PackageDescription

// One array for every Swift target: warnings are errors, and imports say what they mean.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name)] + dependencies,
    swiftSettings: strict
  )
}

let package = Package(
  name: "coach",
  products: [
    .library(name: "Questions", targets: ["Questions"])
  ],
  targets: [
    // Doors to Debian's C libraries, one kit each.
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CMicroHTTPD"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CYAML"),

    // Kits: one outside thing each, nothing of coaching.
    module("ConcurrencyKit"),
    module("SQLiteKit", ["CSQLite", "ConcurrencyKit"]),
    module("YAMLKit", ["CYAML"]),
    module("HTTPClientKit", ["CCurl", "ConcurrencyKit"]),
    module("HTTPServerKit", ["CMicroHTTPD", "ConcurrencyKit"]),

    // Words that all share, and the files people write.
    module("CoachVocabulary"),

    // Questions about data.
    module("SemanticLayer", ["CoachVocabulary"]),
    module("Questions", ["SemanticLayer", "CoachVocabulary"]),

    tests(of: "ConcurrencyKit"),
    tests(of: "SQLiteKit", ["ConcurrencyKit"]),
    tests(of: "YAMLKit"),
    tests(of: "HTTPClientKit", ["ConcurrencyKit"]),
    tests(of: "HTTPServerKit", ["HTTPClientKit", "ConcurrencyKit"]),
  ]
)
