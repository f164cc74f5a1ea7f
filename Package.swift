// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// What is written in C has no undefined behaviour that a compiler could see.
let cSettings: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

// Arrows point down only. README.md, "How it is built", says what each target is for.
var targets: [Target] = [
    .systemLibrary(name: "CSlirp", pkgConfig: "slirp", providers: [.apt(["libslirp-dev"])]),
    .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .target(name: "CVmnetLinux"),
    .target(name: "CBridge", cSettings: cSettings),
    .target(name: "CVmnet", cSettings: cSettings + [.headerSearchPath("include/compat")]),

    .target(name: "VmnetWire", swiftSettings: settings),
    .target(name: "VmnetSystem", dependencies: ["CBridge", "CVmnetLinux", systemPackage], swiftSettings: settings),
    .target(name: "VmnetDHCP", dependencies: ["VmnetWire"], swiftSettings: settings),
    .target(name: "VmnetSwitch", dependencies: ["VmnetWire"], swiftSettings: settings),
    .target(
        name: "VmnetNAT", dependencies: ["CSlirp", "VmnetSwitch", "VmnetSystem", "VmnetWire"],
        swiftSettings: settings),
    .target(
        name: "VmnetPorts", dependencies: ["VmnetSwitch", "VmnetSystem", "VmnetWire", systemPackage],
        swiftSettings: settings),
    .target(
        name: "OpenVmnet",
        dependencies: [
            "VmnetDHCP", "VmnetPorts", "VmnetNAT", "VmnetSwitch", "VmnetSystem", "VmnetWire", logging, systemPackage,
        ],
        swiftSettings: settings),
    .target(
        name: "VmnetControl",
        dependencies: ["CMicrohttpd", "OpenVmnet", "VmnetSystem", "VmnetWire", systemPackage],
        exclude: ["README.md"], swiftSettings: settings),
    .target(
        name: "VmnetC", dependencies: ["CVmnet", "OpenVmnet", "VmnetSystem", "VmnetWire", logging],
        swiftSettings: settings),
    // libvmnet.so. Its flags are unsafe in SwiftPM's eyes, so no other product may have this target.
    .target(
        name: "VmnetLibrary", dependencies: ["VmnetC"], exclude: ["exports.map"], swiftSettings: settings,
        linkerSettings: [
            .unsafeFlags(
                ["-static-stdlib", "-use-ld=lld"]
                    + [
                        "-soname=libvmnet.so.1", "-z", "nodelete",
                        "--version-script=\(Context.packageDirectory)/Sources/VmnetLibrary/exports.map",
                    ].flatMap { ["-Xlinker", $0] })
        ]),
    .executableTarget(
        name: "openvmnet",
        dependencies: [
            "CSlirp", "OpenVmnet", "VmnetControl", "VmnetDHCP", "VmnetSystem", "VmnetWire", argumentParser, logging,
            systemPackage,
        ],
        swiftSettings: settings),
    // A program with a capability: nothing of it is found at run time (no RUNPATH), and nothing of Swift is in it. That is
    // how it is installed; sanitizers, in debug builds, can only be in a program that loads libraries.
    .executableTarget(
        name: "openvmnet-bridge-helper", dependencies: ["CBridge"], cSettings: cSettings,
        linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"], .when(configuration: .release))]),

    // The program of the documentation's tutorial. It sees of the library what everybody sees.
    .executableTarget(
        name: "SmallEmulator", dependencies: ["OpenVmnet", "VmnetWire"], path: "Sources/Examples/SmallEmulator",
        packageAccess: false, swiftSettings: settings),

    .target(
        name: "VmnetTesting", dependencies: ["VmnetSwitch", "VmnetWire"], path: "Tests/VmnetTesting",
        swiftSettings: settings),
    .testTarget(name: "VmnetWireTests", dependencies: ["VmnetTesting", "VmnetWire"], swiftSettings: settings),
    .testTarget(
        name: "VmnetSwitchTests", dependencies: ["VmnetSwitch", "VmnetTesting", "VmnetWire"], swiftSettings: settings),
    .testTarget(
        name: "VmnetSystemTests",
        dependencies: ["CBridge", "CVmnetLinux", "VmnetSystem", "VmnetTesting", systemPackage],
        swiftSettings: settings),
    .testTarget(name: "CBridgeTests", dependencies: ["CBridge"], swiftSettings: settings),
    .testTarget(
        name: "VmnetDHCPTests", dependencies: ["VmnetDHCP", "VmnetTesting", "VmnetWire"], swiftSettings: settings),
    .testTarget(
        name: "VmnetNATTests",
        dependencies: [
            "CSlirp", "VmnetNAT", "VmnetSwitch", "VmnetSystem", "VmnetTesting", "VmnetWire", systemPackage,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "VmnetPortsTests",
        dependencies: ["VmnetPorts", "VmnetSwitch", "VmnetSystem", "VmnetTesting", "VmnetWire", systemPackage],
        swiftSettings: settings),
    .testTarget(
        name: "OpenVmnetTests",
        dependencies: [
            "OpenVmnet", "VmnetDHCP", "VmnetNAT", "VmnetPorts", "VmnetSwitch", "VmnetSystem", "VmnetTesting",
            "VmnetWire",
            logging, systemPackage,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "VmnetCTests",
        dependencies: ["CVmnet", "OpenVmnet", "VmnetC", "VmnetSystem", "VmnetTesting", "VmnetWire"],
        swiftSettings: settings),
    .testTarget(
        name: "VmnetControlTests",
        dependencies: [
            "OpenVmnet", "VmnetControl", "VmnetSystem", "VmnetTesting", "VmnetWire", logging, systemPackage,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "OpenVmnetCommandTests",
        dependencies: [
            "OpenVmnet", "VmnetControl", "VmnetDHCP", "VmnetSystem", "VmnetWire", "openvmnet", systemPackage,
        ], swiftSettings: settings),
    // A guest for the tests: a TAP interface whose frames travel over a Unix socket.
    .executableTarget(name: "TAPGuest", path: "Tests/TAPGuest", swiftSettings: settings),
    // What talks to guests in the tests where busybox has no program for it.
    .executableTarget(name: "SocketPeer", path: "Tests/SocketPeer", swiftSettings: settings),
    // A guest whose frames travel through the library, to a network of another process.
    .executableTarget(
        name: "JoinedGuest", dependencies: ["OpenVmnet", "VmnetSystem", "VmnetWire", logging],
        path: "Tests/JoinedGuest",
        swiftSettings: settings),
    .testTarget(
        name: "IntegrationTests",
        dependencies: ["JoinedGuest", "SmallEmulator", "SocketPeer", "TAPGuest", "VmnetWire"],
        exclude: ["Guest"],
        swiftSettings: settings),
]

// The fuzzer needs every module instrumented, so it is built on request only, in a folder of its own: see .ci/fuzz.
if Context.environment["OPENVMNET_FUZZ"] != nil {
    targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CBridge", "OpenVmnet", "VmnetControl", "VmnetDHCP", "VmnetPorts", "VmnetNAT", "VmnetSwitch",
                "VmnetSystem",
                "VmnetWire",
            ],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: settings))
}

let package = Package(
    name: "openvmnet",
    products: [
        // With the addresses that its signatures need.
        .library(name: "OpenVmnet", targets: ["OpenVmnet", "VmnetWire"]),
        .executable(name: "openvmnet", targets: ["openvmnet"]),
        .executable(name: "openvmnet-bridge-helper", targets: ["openvmnet-bridge-helper"]),
        // libvmnet.so, for C programs.
        .library(name: "vmnet", type: .dynamic, targets: ["VmnetLibrary"]),
        // The tests' frames and addresses, for the benchmarks, which are a package of their own.
        .library(name: "VmnetTesting", targets: ["VmnetTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
