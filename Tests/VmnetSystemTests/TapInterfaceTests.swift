import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct TapInterfaceTests {
    static var mayOpenDevice: Bool {
        // Safety: the string lives for the call.
        unsafe access("/dev/net/tun", R_OK | W_OK) == 0
    }

    @Test(
        .enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"),
        arguments: [false, true])
    func `an interface is made, found again by its descriptor, and goes with it`(hasHeader: Bool) async {
        await #expect(processExitsWith: .success) { [hasHeader] in
            try Namespace.unshare(.network)
            do {
                let tap = try TapInterface(creating: "eth0", hasVirtioHeader: hasHeader)
                #expect(tap.name == "eth0")
                #expect(tap.hasVirtioHeader == hasHeader)
                #expect(TapInterface.isInterface(tap.descriptor.raw))
                let adopted = try TapInterface(adopting: try tap.descriptor.duplicate())
                #expect(adopted.name == "eth0")
                #expect(adopted.hasVirtioHeader == hasHeader)
                #expect(throws: SystemError.self) { _ = try TapInterface(creating: "eth0", hasVirtioHeader: hasHeader) }
            }
            #expect(try !names().contains("eth0"))
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `a TUN interface is refused`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            try run("ip tuntap add dev tun0 mode tun")
            #expect(throws: SystemError.self) { _ = try TapInterface(creating: "tun0", hasVirtioHeader: false) }
        }
    }

    @Test(arguments: ["", "sixteen-letters-", "a\0b"])
    func `a name that the kernel cannot hold is refused`(name: String) {
        guard Self.mayOpenDevice else { return }
        #expect(
            throws: SystemError(
                "create the TAP interface \"\(name)\"", .invalidArgument,
                remedy: "an interface's name has 1 to 15 bytes")
        ) {
            _ = try TapInterface(creating: name, hasVirtioHeader: false)
        }
    }

    @Test func `what is no interface is known not to be one`() throws {
        let wakeUp = try WakeUp()
        #expect(!TapInterface.isInterface(wakeUp.descriptor))
        #expect(!TapInterface.isInterface(1_000_000))
    }
}

/// The interfaces of the calling thread's network namespace.
private func names() throws -> [String] {
    let contents = try File.read("/proc/thread-self/net/dev", maximumByteCount: 1 << 20) ?? []
    return String(decoding: contents, as: UTF8.self).split(separator: "\n").compactMap { line in
        line.firstIndex(of: ":").map { line[..<$0].filter { !$0.isWhitespace } }
    }
}
