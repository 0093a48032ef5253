// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "benchmarks",
  products: [
    .executable(name: "state-graph-bench", targets: ["StateGraphBench"]),
    .executable(name: "model-call-bench", targets: ["ModelCallBench"]),
  ],
  dependencies: [.package(name: "coach", path: "..")],
  targets: [
    .executableTarget(
      name: "StateGraphBench",
      dependencies: [
        .product(name: "StateGraph", package: "coach"),
        .product(name: "Persistence", package: "coach"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "ModelCallBench",
      dependencies: [
        .product(name: "ModelRouting", package: "coach"),
        .product(name: "Persistence", package: "coach"),
        .product(name: "CoachTesting", package: "coach"),
      ],
      swiftSettings: strict
    ),
  ]
)
