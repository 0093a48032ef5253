// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Built with -sanitize=fuzzer; see scripts/fuzz.
let package = Package(
  name: "fuzzing",
  products: [
    .executable(name: "question-fuzz", targets: ["QuestionFuzz"]),
    .executable(name: "gate-fuzz", targets: ["GateFuzz"]),
  ],
  dependencies: [.package(name: "coach", path: "..")],
  targets: [
    .executableTarget(
      name: "QuestionFuzz",
      dependencies: [.product(name: "Questions", package: "coach")],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "GateFuzz",
      dependencies: [.product(name: "SQLGate", package: "coach")],
      swiftSettings: strict
    ),
  ]
)
