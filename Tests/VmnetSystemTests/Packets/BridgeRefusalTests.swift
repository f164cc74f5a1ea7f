import CBridge
import Glibc
import SystemPackage
import Testing

@testable import VmnetSystem

@Suite struct BridgeRefusalTests {
    private static let helper = BridgeHelper(path: "/usr/libexec/openvmnet/openvmnet-bridge-helper")

    @Test func `each reply becomes an error with what to do about it`() {
        let cases: [(status: ovn_bridge_status, errno: Int32, text: String, error: Errno, remedy: String)] = [
            (
                OVN_BRIDGE_NOT_ALLOWED, 0, "bridge.conf does not allow it to you", .permissionDenied,
                "bridge.conf does not allow it to you; as root: echo allow eth0 user:\(getuid()) >>/etc/openvmnet/bridge.conf"
            ),
            (
                OVN_BRIDGE_POLICY_UNUSABLE, 0, "bridge.conf is odd", .permissionDenied,
                "nothing is allowed to anybody: bridge.conf is odd"
            ),
            (OVN_BRIDGE_UNSUITABLE, ENODEV, "there is no eth0", .operationNotSupportedByDevice, "there is no eth0"),
            (OVN_BRIDGE_UNSUITABLE, 0, "eth0 is not Ethernet", .invalidArgument, "eth0 is not Ethernet"),
            (OVN_BRIDGE_NO_CAPABILITY, EPERM, "", .notPermitted, "setcap cap_net_raw+ep \(Self.helper.path)"),
            (OVN_BRIDGE_NO_CAPABILITY, EPERM, "no_new_privs", .notPermitted, "NoNewPrivileges=yes"),
        ]
        for (status, errno, text, expected, remedy) in cases {
            let reply = [UInt8(status.rawValue), UInt8(errno)] + Array(text.utf8)
            let error = BridgeRefusal(reply: reply)?.error(bridging: "eth0", through: Self.helper)
            #expect(error?.operation == "bridge eth0" && error?.errno == expected, "\(reply)")
            #expect(error?.remedy?.contains(remedy) == true, "\(reply)")
        }
        let failed = BridgeRefusal(reply: [UInt8(OVN_BRIDGE_FAILED.rawValue), UInt8(ENOMEM)] + Array("attach it".utf8))
        #expect(
            failed?.error(bridging: "eth0", through: Self.helper) == SystemError("attach it for eth0", .noMemory))
    }

    @Test(arguments: [[], [1], [0, 0], [6, 0], [255, 0]] as [[UInt8]])
    func `what refuses nothing is no refusal`(reply: [UInt8]) {
        #expect(BridgeRefusal(reply: reply) == nil)
    }

    @Test func `a helper that is not there, or does not reply, is an error`() throws {
        let missing = #expect(throws: SystemError.self) {
            _ = try BridgeHelper(path: "/nowhere/helper").open("eth0")
        }
        #expect(missing?.errno == .noSuchFileOrDirectory)
        let silent = #expect(throws: SystemError.self) { _ = try BridgeHelper(path: "/bin/true").open("eth0") }
        #expect(silent?.errno == .ioError && silent?.remedy?.contains("/bin/true") == true)
    }
}
