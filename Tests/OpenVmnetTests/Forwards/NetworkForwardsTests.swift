import Logging
import Testing
import VmnetSystem
import VmnetTesting

@testable import OpenVmnet

/// The host's side of port forwards, before there is any guest.
@Suite struct NetworkForwardsTests {
    private func network() throws -> Network {
        try Network(configuration: NetworkConfiguration(), stateDirectory: nil, logger: Logger(label: "test"))
    }

    @Test(arguments: ["tcp:0:80", "udp:0:53", "tcp:[::1]:0:80"])
    func `a forward says which port it has, and what it waits for`(text: String) throws {
        let network = try network()
        try network.addForward(PortForward(text))
        let status = try #require(network.forwards().first)
        #expect(!"\(status.forward)".contains(":0:"))
        #expect(status.guest == .waiting("no guest has an address yet"))
    }

    @Test func `a port in use is named, and changes nothing`() throws {
        let network = try network()
        try network.addForward(PortForward("tcp:0:80"))
        let other = try self.network()
        let taken = network.forwards()[0].forward
        let error = try #require(throws: VmnetError.self) { try other.addForward(taken) }
        #expect(error.code == .busy)
        #expect(error.message.contains("127.0.0.1:"))
        #expect(error.hint != nil)
        #expect(other.forwards().isEmpty)
        let own = try #require(throws: VmnetError.self) { try network.addForward(taken) }
        #expect(own.code == .busy)
        #expect(network.forwards().count == 1)
    }

    @Test func `a forward that is removed gives its port back at once`() throws {
        let network = try network()
        try network.addForward(PortForward("tcp:0:80"))
        let forward = network.forwards()[0].forward
        try network.removeForward(forward)
        #expect(network.forwards().isEmpty)
        #expect(throws: VmnetError.self) { try network.removeForward(forward) }
        try network.addForward(forward)
    }

    @Test func `a client of a Unix socket is let go until there is a guest, and the path goes with the network`() throws
    {
        let folder = TemporaryDirectory()
        let path = folder.file("web.sock")
        do {
            let network = try network()
            try network.start()
            defer { network.stop() }
            try network.addForward(PortForward("unix:\(path):80"))
            let client = try BlockingSocket(Socket.connect(.stream, to: path))
            try client.descriptor.setNonBlocking(false)
            try client.setTimeout(.seconds(10))
            var buffer: [UInt8] = [0]
            #expect(try client.receive(into: &buffer) == 0)
        }
        #expect(throws: SystemError.self) { _ = try Socket.connect(.stream, to: path) }
    }
}
