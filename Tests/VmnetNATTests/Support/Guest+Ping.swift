import VmnetSystem

@testable import VmnetNAT

extension Guest {
    /// Whether tests with pings to the outside run; in CI a host that forbids them is a fault.
    static let mayPing = SlirpLibrary.canPing || Environment.value("CI") == "true"
}
