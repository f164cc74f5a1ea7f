import Glibc
import Testing
import VmnetSystem

@Suite struct CapabilityTests {
    @Test(.enabled(if: geteuid() == 0, "this user has no capabilities to keep"))
    func `what is kept across exec is what was asked for, and nothing else`() async {
        await #expect(processExitsWith: .success) {
            try Capability.keepAcrossExec([.networkAdministration, .rawSockets, .lowPorts])
            let status = try File.read("/proc/thread-self/status", maximumByteCount: 1 << 16) ?? []
            let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
            // capabilities(7): 10, 12 and 13.
            for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
                #expect(lines.contains("\(set):\t0000000000003400"), "\(set)")
            }
        }
    }
}
