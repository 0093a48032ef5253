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

func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name)] + dependencies,
    exclude: exclude,
    swiftSettings: strict
  )
}

let package = Package(
  name: "coach",
  products: [
    .executable(name: "coach", targets: ["coach"]),
    .library(name: "StateGraph", targets: ["StateGraph", "CoachVocabulary", "ConcurrencyKit"]),
    .library(name: "Persistence", targets: ["Persistence"]),
    .library(name: "SQLGate", targets: ["SQLGate", "SQLSyntax"]),
    .library(name: "Questions", targets: ["Questions", "SemanticLayer", "Declarations", "CoachVocabulary"]),
    .library(
      name: "ModelRouting",
      targets: ["ModelRouting", "ModelProviders", "LanguageModel", "Ledger", "HTTPClientKit"]
    ),
    .library(name: "CoachTesting", targets: ["CoachTesting"]),
  ],
  targets: [
    // Doors to Debian's C libraries, one kit each.
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CExpat"),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CMariaDB"),
    .systemLibrary(name: "CMicroHTTPD"),
    .systemLibrary(name: "COpenSSL"),
    .systemLibrary(name: "CPgQuery"),
    .systemLibrary(name: "CPostgres"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CXLSXWriter"),
    .systemLibrary(name: "CYAML"),
    .systemLibrary(name: "CZip"),

    // Kits: one outside thing each, nothing of coaching.
    module("ConcurrencyKit", ["CMalloc"]),
    module("TransportSecurity", ["COpenSSL"]),
    module("SQLiteKit", ["CSQLite", "ConcurrencyKit"]),
    module("PostgresKit", ["CPostgres", "TransportSecurity", "ConcurrencyKit"]),
    module("MariaDBKit", ["CMariaDB", "TransportSecurity", "ConcurrencyKit"]),
    module("YAMLKit", ["CYAML"]),
    module("SpreadsheetKit", ["CExpat", "CXLSXWriter", "CZip"]),
    module("HTTPClientKit", ["CCurl", "TransportSecurity", "ConcurrencyKit"]),
    module("HTTPServerKit", ["CMicroHTTPD", "ConcurrencyKit"]),

    // Words that all share, and the files people write.
    module("CoachVocabulary"),
    module("Templates", ["CoachVocabulary"]),
    module("Declarations", ["YAMLKit", "Templates", "CoachVocabulary"]),

    // The runtime.
    module("StateGraph", ["CoachVocabulary", "ConcurrencyKit"]),

    // Models and what they cost.
    module("LanguageModel", ["CoachVocabulary"]),
    module("Ledger", ["CoachVocabulary", "ConcurrencyKit"]),
    module("ModelProviders", ["LanguageModel", "HTTPClientKit", "CoachVocabulary"]),
    module("ModelRouting", ["LanguageModel", "Ledger", "CoachVocabulary", "ConcurrencyKit"]),

    // Questions about data.
    module("SemanticLayer", ["CoachVocabulary"]),
    module("Questions", ["SemanticLayer", "CoachVocabulary"]),
    module("SQLSyntax", ["CPgQuery"]),
    module("SQLGate", ["SQLSyntax", "CoachVocabulary"]),
    module(
      "Warehouse",
      ["SQLGate", "SQLSyntax", "SQLiteKit", "PostgresKit", "MariaDBKit", "CoachVocabulary", "ConcurrencyKit"]
    ),

    // What numbers say: pure, and nothing of ours beneath.
    module("Analytics"),
    module("Goals", ["Analytics", "CoachVocabulary"]),
    // Pictures of results.
    module("Charts", ["CoachVocabulary"]),
    // Files of people as tables.
    module("DataImport", ["SpreadsheetKit", "SQLiteKit", "CoachVocabulary"]),

    // Our own data.
    module(
      "Persistence",
      [
        "StateGraph", "ModelRouting", "Ledger", "Goals", "SQLiteKit", "PostgresKit", "CoachVocabulary",
        "ConcurrencyKit",
      ]
    ),

    // The coach.
    module(
      "CoachAgents",
      [
        "Analytics", "Goals", "StateGraph", "SemanticLayer", "Questions", "SQLGate", "Warehouse", "ModelRouting",
        "LanguageModel", "Ledger", "Templates", "Declarations", "CoachVocabulary", "ConcurrencyKit",
      ]
    ),
    module("CoachAPI", ["HTTPServerKit", "CoachVocabulary"], resources: [.embedInCode("Page")]),
    module("DemoCompany", ["SQLiteKit", "CoachVocabulary", "ConcurrencyKit"]),
    module(
      "CoachApp",
      [
        "Analytics", "Goals", "Charts", "CoachAPI", "CoachAgents", "DataImport", "DemoCompany", "Persistence",
        "Declarations", "SpreadsheetKit", "StateGraph", "SemanticLayer",
        "Questions", "SQLGate", "SQLSyntax", "Warehouse", "ModelRouting", "ModelProviders", "LanguageModel", "Ledger",
        "HTTPClientKit", "YAMLKit", "SQLiteKit", "PostgresKit", "Templates", "CoachVocabulary", "ConcurrencyKit",
      ]
    ),
    .executableTarget(
      name: "coach",
      dependencies: [
        "CoachApp", "CoachAPI", "CoachAgents", "Goals", "SemanticLayer", "DataImport", "CoachTesting", "Persistence",
        "ModelRouting", "Ledger", "CoachVocabulary", "ConcurrencyKit",
      ],
      swiftSettings: strict
    ),
    // A process of its own that the crash tests start and kill.
    .executableTarget(
      name: "crash-subject",
      dependencies: ["StateGraph", "Ledger", "Persistence", "PostgresKit", "CoachVocabulary", "ConcurrencyKit"],
      swiftSettings: strict
    ),
    module(
      "CoachTesting",
      [
        "StateGraph", "LanguageModel", "Ledger", "Goals", "Persistence", "Warehouse", "SQLGate", "HTTPClientKit",
        "HTTPServerKit", "PostgresKit", "MariaDBKit", "SQLiteKit", "CoachVocabulary", "ConcurrencyKit",
      ]
    ),

    tests(of: "ConcurrencyKit"),
    tests(of: "SQLiteKit", ["ConcurrencyKit"]),
    tests(of: "PostgresKit", ["CoachTesting", "ConcurrencyKit"]),
    tests(of: "YAMLKit"),
    tests(of: "SpreadsheetKit", ["CZip"]),
    tests(of: "Charts", ["CoachVocabulary"]),
    tests(of: "DataImport", ["SpreadsheetKit", "SQLiteKit", "CoachVocabulary"]),
    tests(of: "HTTPClientKit", ["ConcurrencyKit"]),
    tests(of: "HTTPServerKit", ["HTTPClientKit", "ConcurrencyKit"]),
    tests(of: "CoachVocabulary"),
    tests(of: "SemanticLayer", ["SQLiteKit", "PostgresKit", "CoachTesting", "Declarations", "CoachVocabulary"]),
    tests(of: "Analytics"),
    tests(of: "Goals", ["Analytics", "CoachVocabulary"]),
    tests(of: "Questions", ["SemanticLayer", "Declarations", "SQLiteKit", "CoachVocabulary"]),
    tests(of: "Templates", ["CoachVocabulary"]),
    tests(of: "Declarations", ["Templates", "CoachVocabulary"]),
    tests(of: "StateGraph", ["CoachTesting", "CoachVocabulary", "ConcurrencyKit"]),
    tests(of: "LanguageModel", ["CoachVocabulary"]),
    tests(of: "Ledger", ["CoachTesting", "CoachVocabulary"]),
    tests(
      of: "ModelProviders",
      ["LanguageModel", "CoachTesting", "HTTPServerKit", "HTTPClientKit", "CoachVocabulary", "ConcurrencyKit"]
    ),
    tests(
      of: "ModelRouting",
      [
        "LanguageModel", "Ledger", "ModelProviders", "HTTPClientKit", "CoachTesting", "Declarations",
        "CoachVocabulary", "ConcurrencyKit",
      ]
    ),
    tests(of: "SQLSyntax"),
    tests(of: "SQLGate", ["SQLSyntax", "CoachVocabulary"], exclude: ["Cases"]),
    tests(
      of: "Warehouse",
      [
        "SQLGate", "SQLSyntax", "SQLiteKit", "PostgresKit", "MariaDBKit", "CoachTesting", "CoachVocabulary",
        "ConcurrencyKit",
      ]
    ),
    .testTarget(
      name: "GateExecutionTests",
      dependencies: [
        "SQLGate", "SQLSyntax", "Warehouse", "SQLiteKit", "PostgresKit", "CoachTesting", "CoachVocabulary",
      ],
      swiftSettings: strict
    ),
    tests(
      of: "Persistence",
      [
        "StateGraph", "ModelRouting", "Ledger", "Goals", "SQLiteKit", "PostgresKit", "CoachTesting", "CoachVocabulary",
        "ConcurrencyKit",
      ]
    ),
    tests(
      of: "CoachAgents",
      [
        "Analytics", "Goals", "SemanticLayer", "Questions", "SQLGate", "Warehouse", "Templates", "Declarations",
        "DemoCompany",
        "SQLiteKit", "CoachVocabulary", "ConcurrencyKit",
      ]
    ),
    tests(
      of: "CoachApp",
      [
        "ModelRouting", "CoachAgents", "CoachAPI", "CoachTesting", "DataImport", "DemoCompany", "Declarations",
        "Persistence",
        "SpreadsheetKit", "StateGraph", "Ledger", "HTTPClientKit",
        "SemanticLayer", "CoachVocabulary", "ConcurrencyKit",
      ]
    ),
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["CoachTesting", "PostgresKit", "SQLiteKit", "HTTPClientKit", "CoachVocabulary", "ConcurrencyKit"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "RuntimeCrashTests",
      dependencies: [
        "crash-subject", "CoachTesting", "StateGraph", "Ledger", "Persistence", "PostgresKit", "CoachVocabulary",
        "ConcurrencyKit",
      ],
      swiftSettings: strict
    ),
    tests(of: "DemoCompany", ["SQLiteKit", "CoachVocabulary", "ConcurrencyKit"]),
    tests(of: "CoachAPI", ["HTTPServerKit", "HTTPClientKit", "CoachVocabulary", "ConcurrencyKit"]),
  ]
)
