import Glibc
import SystemPackage
import Testing
import VmnetSystem

/// The physical network of a bridged one: an interface of this host, and the other end of its link.
final class Wire {
    private var tap: Descriptor?

    /// Whether this user may make one. In CI the tests have to run.
    static var isPossible: Bool {
        if Environment.value("CI") == "true" { return true }
        // Safety: the string lives for the call.
        return unsafe access("/dev/net/tun", R_OK | W_OK) == 0 && geteuid() == 0
    }

    /// Makes the interface, in this thread's network namespace; its address is 02:00:00:00:00:ff.
    init(_ interface: String) throws {
        let made = try TapInterface(creating: interface, hasVirtioHeader: false)
        // What the kernel says on its own is not what a test waits for.
        try Wire.run("echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null")
        let control = try InterfaceControl()
        try control.setMACAddress(0x0200_0000_00ff, of: interface)
        try control.bringUp(interface)
        tap = made.takeDescriptor()
    }

    static func run(_ script: String) throws {
        #expect(try SpawnedProcess(["sh", "-c", script]).wait() == .exited(0))
    }

    /// Deletes the interface.
    func cut() {
        tap = nil
    }

    /// Has a frame come in at the interface.
    func send(_ frame: [UInt8]) throws {
        try #require(Descriptor.write(raw, frame.span) == .moved(frame.count))
    }

    /// The frames that have gone out and that nobody has taken.
    func take() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            var room = buffer.mutableSpan
            guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return frames }
            frames.append(Array(buffer[..<count]))
        }
    }

    private var raw: Int32 {
        switch tap {
        case .some(let tap): tap.raw
        case nil: -1
        }
    }
}
