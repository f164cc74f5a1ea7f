import OpenVmnet
import Synchronization
import Testing
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct InterfaceLifetimeTests {
    @Test func `an interface keeps its network alive, and the last one ends it`() throws {
        var network: Network? = try runningNetwork()
        weak let observed = network
        var interface = try network?.makeInterface()
        network = nil
        #expect(observed != nil)
        #expect(try interface?.lease() != nil)
        interface = nil
        #expect(observed == nil)
    }

    @Test func `a network can end where its events are heard`() async throws {
        let isOver = Recorder<Bool>()
        try letGoInHandler(isOver)
        #expect(try await isOver.wait { !$0.isEmpty })
    }

    /// Of a network and its interface the event handler has the only references in the end, and it lets go of them.
    private func letGoInHandler(_ isOver: Recorder<Bool>) throws {
        let interface = try runningNetwork().makeInterface()
        let gateway = try #require(interface.parameters.addresses?.start)
        let holder = Holder(interface)
        let hasCalled = Flag()
        interface.setEventHandler { _ in
            guard hasCalled.raise() else { return }
            holder.letGo()
            isOver.add(true)
        }
        // Nobody reads the answer, so the network's own thread tells of it again, when no other reference is left.
        try interface.send([interface.builder().arpRequest(from: gateway.advanced(by: 8), for: gateway)])
    }

    @Test func `interfaces and networks that come and go leave nothing`() async {
        await #expect(processExitsWith: .success) {
            let network = try runningNetwork()
            func cycle() throws {
                let interface = try network.makeInterface()
                interface.setEventHandler { _ in }
                _ = try interface.descriptor
                try interface.send([interface.builder().arpRequest(from: "192.168.64.9", for: "192.168.64.1")])
                let other = try runningNetwork().makeInterface()
                _ = try other.lease()
            }
            try cycle()
            let before = try entries()
            for _ in 0..<200 { try cycle() }
            #expect(try entries() == before)
            #expect(network.status().ports.isEmpty)
        }
    }
}

/// The descriptors and threads of this process.
private func entries() throws -> [Int] {
    try ["/proc/self/fd", "/proc/self/task"].map { try Directory.names(in: $0).count }
}

/// Holds an interface until it is told to let go.
private final class Holder: Sendable {
    private let interface: Mutex<Interface?>

    init(_ interface: Interface) {
        self.interface = Mutex(interface)
    }

    func letGo() {
        let last = interface.withLock { $0.take() }
        last?.setEventHandler(nil)
    }
}

private final class Flag: Sendable {
    private let isRaised = Atomic(false)

    /// Whether it was raised before.
    func raise() -> Bool { isRaised.exchange(true, ordering: .relaxed) }
}
