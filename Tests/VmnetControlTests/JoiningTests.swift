import Glibc
import Logging
import OpenVmnet
import Testing
import VmnetControl
import VmnetSystem
import VmnetTesting
import VmnetWire

/// Interfaces on a network that is found by its control socket.
@Suite struct JoiningTests {
    private let control: RunningControl

    init() throws {
        control = try RunningControl()
    }

    private func join(_ network: String) throws -> JoinedNetwork {
        try JoinedNetwork(network, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Waits for other threads.
    private func eventually(_ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try !condition() {
            try #require(ContinuousClock.now < deadline)
            usleep(2000)
        }
    }

    /// Whether the gateway answers within a moment.
    private func isAnswered(_ interface: Interface) throws -> Bool {
        let station = interface.parameters.macAddress
        let question = FrameBuilder(from: station, to: .broadcast).arpRequest(from: "10.78.0.2", for: "10.78.0.1")
        _ = try interface.read(upTo: 256) { _, _ in true }
        try interface.write { batch throws(VmnetError) in try batch.add(question.span) }
        let deadline = ContinuousClock.now + .milliseconds(200)
        while interface.waitingPacketCount == 0, .now < deadline { usleep(1000) }
        return interface.waitingPacketCount > 0
    }

    @Test func `an interface outlives its network, and is on the next one with all that it had`() throws {
        let id = try #require(InterfaceID("3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"))
        let interface = try join(control.path).makeInterface(InterfaceConfiguration(id: id))
        try eventually { try isAnswered(interface) }
        let forward = try interface.addForward(PortForward("tcp:0:10.78.0.2:80"))
        control.stop()
        control.network.stop()
        try eventually { try !isAnswered(interface) }
        let second = try RunningControl(succeeding: control)
        try eventually { try isAnswered(interface) }
        #expect(second.network.status().ports.map(\.interfaceID) == [id])
        #expect(second.network.forwards().map(\.forward) == [forward])
        interface.stop()
        try eventually { second.network.status().ports.isEmpty && second.network.forwards().isEmpty }
    }

    @Test func `an interface that was taken off its network comes back`() throws {
        let interface = try join(control.path).makeInterface()
        let port = try #require(control.network.status().ports.first)
        #expect(port.origin == "process \(getpid())")
        #expect(control.network.detach(port.id))
        try eventually { try isAnswered(interface) }
        #expect(control.network.status().ports.count == 1)
    }

    @Test func `a network that is looked for in vain does not keep an interface from stopping`() throws {
        let interface = try join(control.path).makeInterface()
        control.stop()
        control.network.stop()
        try eventually { try !isAnswered(interface) }
        interface.stop()
        #expect(throws: VmnetError.self) { try interface.read(upTo: 1) { _, _ in true } }
    }

    @Test func `a network that is not there is named`() throws {
        for (name, part) in [
            (control.file("other.control"), "other.attach"), ("no-such-network-\(getpid())", "no-such-network"),
        ] {
            do throws(VmnetError) {
                _ = try JoinedNetwork(name, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                Issue.record("joined")
            } catch {
                #expect(error.code == .notRunning && error.message.contains(part), "\(error)")
            }
        }
        #expect(throws: VmnetError.self) { _ = try join("") }
    }
}
