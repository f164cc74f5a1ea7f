// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// What is measured is not public. These targets see it as the main package's own do, because they say that they belong to
// that package, which SwiftPM calls after its folder. A root package may set such a flag, and this one is never anything
// else.
let folder = Context.packageDirectory.split(separator: "/").dropLast().last?.lowercased() ?? ""
let packageName = String(folder.map { $0.isLetter || $0.isNumber ? $0 : "_" })
let insider: [SwiftSetting] = settings + [.unsafeFlags(["-package-name", packageName])]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let openVmnet = Target.Dependency.product(name: "OpenVmnet", package: "openvmnet")
let testing = Target.Dependency.product(name: "VmnetTesting", package: "openvmnet")

// A package of its own, so that users of the library neither fetch nor build what only measuring it needs.
let package = Package(
    name: "openvmnet-benchmarks",
    dependencies: [
        .package(name: "openvmnet", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        // The comparison with other programs: what its figures mean, and how they are shown. No I/O.
        .target(name: "Figures", swiftSettings: settings),
        // Small clients and servers that run inside guests and beside them.
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("uring")]),
        .target(name: "Probes", dependencies: ["CLinux"], swiftSettings: settings),
        .executableTarget(name: "probe", dependencies: ["Probes"], swiftSettings: settings),
        .executableTarget(
            name: "compare", dependencies: ["Figures", "Probes", "probe", argumentParser], swiftSettings: settings),
        .testTarget(name: "FiguresTests", dependencies: ["Figures"], swiftSettings: settings),
        .testTarget(name: "ProbesTests", dependencies: ["CLinux", "Probes"], swiftSettings: settings),

        // The library in one process, beside loopback TCP and libslirp alone.
        .systemLibrary(name: "CLibslirp", pkgConfig: "slirp", providers: [.apt(["libslirp-dev"])]),
        .target(name: "CGuest", dependencies: ["CLibslirp"]),
        .executableTarget(
            name: "in-process", dependencies: ["CGuest", openVmnet, testing], path: "Sources/InProcess",
            packageAccess: false, swiftSettings: insider),

        // Valgrind's requests to callgrind, which mean nothing to a program that runs without it.
        .target(name: "CCallgrind"),
        // What the program does over and over, made ready to be measured one by one.
        .target(
            name: "Workloads", dependencies: [logging, openVmnet, testing], packageAccess: false,
            swiftSettings: insider),
        // Runs each of them under callgrind. Valgrind 3.19 cannot read debug information as Swift 6.3 writes it.
        .executableTarget(
            name: "Counted", dependencies: ["CCallgrind", "Workloads"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-Xlinker", "--strip-debug"])]),
        // Compares the instructions that each took with those that are written down.
        .target(name: "Thresholds", swiftSettings: settings),
        .executableTarget(name: "instructions", dependencies: ["Counted", "Thresholds"], swiftSettings: settings),
        .testTarget(name: "ThresholdsTests", dependencies: ["Thresholds"], swiftSettings: settings),
        // Their time, by ordo-one/benchmark, which finds its targets in this folder.
        .executableTarget(
            name: "Micro",
            dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro", swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
