// swift-tools-version: 6.2

import PackageDescription

/// Every Swift target is built with the same strict settings.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

let strictC: [CSetting] = [
  .treatAllWarnings(as: .error)
]

let package = Package(
  name: "weakspot",
  products: [
    .library(name: "HeapProbe", targets: ["HeapProbe"]),
    .executable(name: "weakspot", targets: ["weakspot"]),
    .executable(name: "weakspot-bench", targets: ["WeakspotBench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
  ],
  targets: [
    .target(
      name: "CAllocator",
      path: "CSupport/CAllocator",
      cSettings: strictC,
      linkerSettings: [.linkedLibrary("unwind")]),
    .target(name: "HeapProbe", dependencies: ["CAllocator"], swiftSettings: strict),
    .target(name: "CProcess", path: "CSupport/CProcess", cSettings: strictC),
    .target(name: "ProcessImage", dependencies: ["CProcess", "CRecorder"], swiftSettings: strict),
    .target(name: "HeapBlocks", dependencies: ["ProcessImage"], swiftSettings: strict),
    .target(name: "CSwiftDemangle", path: "CSupport/CSwiftDemangle", cSettings: strictC),
    .target(name: "CRemoteMirror", path: "CSupport/CRemoteMirror", cSettings: strictC),
    .target(
      name: "SwiftRuntime", dependencies: ["CRemoteMirror", "CSwiftDemangle", "HeapBlocks", "ProcessImage"],
      swiftSettings: strict),
    // Of the recorder only the layout of a recording is a target; Plugins/BuildRecorder builds the library.
    .target(
      name: "CRecorder", path: "CSupport/CRecorder",
      sources: ["format.c"], cSettings: strictC),
    .target(name: "Recording", dependencies: ["CRecorder", "ProcessImage"], swiftSettings: strict),
    .plugin(name: "BuildRecorder", capability: .buildTool()),
    .target(name: "RecorderLaunch", dependencies: ["Recording"], swiftSettings: strict, plugins: ["BuildRecorder"]),
    .target(
      name: "AllocationStacks", dependencies: ["ProcessImage", "Recording", "SwiftRuntime"], swiftSettings: strict),
    .target(name: "SeededRandom", swiftSettings: strict),
    .target(name: "GraphWorkloads", dependencies: ["SeededRandom"], swiftSettings: strict),
    .target(name: "BenchmarkReport", dependencies: [], swiftSettings: strict),
    .target(
      name: "BenchmarkRun",
      dependencies: [
        "BenchmarkReport", "CProcess", "GraphWorkloads", "HeapProbe", "SeededRandom",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(name: "RegressionCompare", dependencies: ["BenchmarkReport", "SeededRandom"], swiftSettings: strict),
    .target(name: "ObjectGraph", swiftSettings: strict),
    .target(
      name: "LeakAnalysis",
      dependencies: ["AllocationStacks", "HeapBlocks", "ObjectGraph", "ProcessImage", "Recording", "SwiftRuntime"],
      swiftSettings: strict),
    .target(
      name: "Rendering",
      dependencies: ["AllocationStacks", "BenchmarkReport", "LeakAnalysis", "Recording", "RegressionCompare"],
      swiftSettings: strict),
    .target(
      name: "CommandLineTool",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")], swiftSettings: strict),
    .executableTarget(
      name: "weakspot",
      dependencies: [
        "AllocationStacks", "CommandLineTool", "HeapBlocks", "LeakAnalysis", "ProcessImage", "RecorderLaunch",
        "Recording",
        "Rendering", "SwiftRuntime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "WeakspotBench",
      dependencies: [
        "BenchmarkReport", "BenchmarkRun", "CommandLineTool", "GraphWorkloads", "HeapProbe", "RegressionCompare",
        "Rendering",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/WeakspotBench",
      swiftSettings: strict),
    .executableTarget(
      name: "compare-accuracy",
      dependencies: [
        "BenchmarkReport", "RegressionCompare", "SeededRandom",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/CompareAccuracy",
      swiftSettings: strict),
    .executableTarget(name: "Heartbeat", path: "Benchmarks/Heartbeat", cSettings: strictC),
    .executableTarget(
      name: "PauseBench", dependencies: ["CProcess", "Heartbeat", "ProcessImage"], path: "Benchmarks/PauseBench",
      swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "BenchmarkReportTests", dependencies: ["BenchmarkReport", "TestSupport"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarkRunTests",
      dependencies: [
        "BenchmarkReport", "BenchmarkRun", "GraphWorkloads",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "InspectedProgram", "ProcessImageChecks", "RecordedProgram", "TestSupport", "WeakspotBench", "weakspot",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "GraphWorkloadsTests", dependencies: ["GraphWorkloads", "HeapProbe", "SeededRandom"], swiftSettings: strict),
    .executableTarget(name: "HeapBlocksTarget", path: "Tests/HeapBlocksTarget", swiftSettings: strict),
    .testTarget(
      name: "HeapBlocksTests", dependencies: ["HeapBlocks", "HeapBlocksTarget", "ProcessImage", "TestSupport"],
      exclude: ["Programs"], swiftSettings: strict),
    .executableTarget(
      name: "HeapProbeChecks", dependencies: ["HeapProbe"], path: "Tests/HeapProbeChecks", swiftSettings: strict),
    .testTarget(
      name: "HeapProbeTests",
      dependencies: [
        "CAllocator", "HeapProbe", "HeapProbeChecks",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ProcessImageTarget", path: "Tests/ProcessImageTarget", cSettings: strictC,
      linkerSettings: [.linkedLibrary("pthread")]),
    .executableTarget(
      name: "ProcessImageChecks", dependencies: ["CProcess", "ProcessImage"], path: "Tests/ProcessImageChecks",
      swiftSettings: strict),
    .testTarget(
      name: "ProcessImageTests",
      dependencies: ["CProcess", "ProcessImage", "ProcessImageChecks", "ProcessImageTarget", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RecorderTests",
      dependencies: ["CRecorder", "HeapBlocks", "ProcessImage", "RecorderLaunch", "Recording", "TestSupport"],
      exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "SwiftRuntimeTests", dependencies: ["HeapBlocks", "ProcessImage", "SwiftRuntime", "TestSupport"],
      exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "RegressionCompareTests",
      dependencies: ["BenchmarkReport", "RegressionCompare", "SeededRandom", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "RenderingTests",
      dependencies: ["BenchmarkReport", "LeakAnalysis", "RegressionCompare", "Rendering", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .executableTarget(
      name: "InspectedProgram", dependencies: ["CZoo"], path: "Tests/InspectedProgram", swiftSettings: strict),
    .executableTarget(name: "RecordedProgram", path: "Tests/RecordedProgram", swiftSettings: strict),
    .testTarget(name: "AllocationStacksTests", dependencies: ["AllocationStacks"], swiftSettings: strict),
    .testTarget(
      name: "LeakAnalysisTests",
      dependencies: [
        "HeapBlocks", "InspectedProgram", "LeakAnalysis", "ObjectGraph", "ProcessImage", "SwiftRuntime", "TestSupport",
      ],
      swiftSettings: strict),
    .target(name: "CZoo", path: "Tests/Zoo/CZoo", cSettings: strictC),
    .target(name: "ZooSupport", dependencies: ["CZoo"], path: "Tests/Zoo/Support", swiftSettings: strict),
    .executableTarget(
      name: "ZooLeaking", dependencies: ["CZoo", "ZooSupport"], path: "Tests/Zoo/Leaking", swiftSettings: strict),
    .executableTarget(
      name: "ZooClean", dependencies: ["CZoo", "ZooSupport"], path: "Tests/Zoo/Clean", swiftSettings: strict),
    .executableTarget(name: "ZooMutator", path: "Tests/Zoo/Mutator", swiftSettings: strict),
    .target(name: "ZooExpectations", path: "Tests/Zoo/Expectations", swiftSettings: strict),
    .executableTarget(
      name: "ZooJudge", dependencies: ["ZooExpectations"], path: "Tests/Zoo/Judge", swiftSettings: strict),
    .testTarget(
      name: "ZooTests",
      dependencies: [
        "ZooClean", "ZooExpectations", "ZooLeaking", "ZooMutator",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ObjectGraphTests", dependencies: ["ObjectGraph", "SeededRandom"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
