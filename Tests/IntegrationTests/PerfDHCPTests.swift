import TAPGuest
import Testing

extension Integration {
    /// A boot storm, measured with the tool that DHCP servers are measured with.
    @Suite struct PerfDHCPTests {
        @Test(.needs(.perfdhcp))
        func `two thousand exchanges a second for ten seconds are answered without a drop`() async throws {
            // Room for 20,000 clients; perfdhcp is a relay, with an address of the subnet that the pool leaves free.
            let network = [
                "--netdev", "vmnet-shared,start-address=172.16.0.1,end-address=172.16.199.255,subnet-mask=255.255.0.0",
            ]
            let serve = try await Serve(network, on: HostNetwork(), in: TemporaryFolder())
            let relay = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            try await relay.run("ip addr add 172.16.200.1/16 dev eth0")
            let storm = try relay.namespace.start([
                "perfdhcp", "-4", "-l", "eth0", "-R", "20000", "-r", "2000", "-p", "10", "-W", "1000000", "172.16.0.1",
            ])
            let result = try await storm.result(within: .seconds(30))
            let sent = Self.figures("sent packets:", in: result.output)
            let received = Self.figures("received packets:", in: result.output)
            // The rate was reached, or there is nothing to judge.
            #expect(received.count == 2 && received.allSatisfy { $0 >= 19_000 }, "\(result.output)")
            // Each request that left the relay is answered. What perfdhcp calls a drop may also be its own: a reply that
            // found its socket full because the machine did not let it run, or a request that never left.
            let lost = sent.reduce(0, +) - received.reduce(0, +)
            let counters = try await relay.run("cat /proc/net/snmp")
            let own = Self.udpCounter("RcvbufErrors", in: counters)
            let unsent =
                Int(try await relay.run("cat /sys/class/net/eth0/statistics/tx_dropped").filter(\.isNumber)) ?? 0
            #expect(lost <= own + unsent, "\(result.output)\(counters)")
            try await serve.stop()
        }

        /// One of the kernel's: a line of names, then a line of numbers.
        private static func udpCounter(_ name: String, in snmp: String) -> Int {
            let lines = snmp.split(separator: "\n").filter { $0.hasPrefix("Udp:") }.map { $0.split(separator: " ") }
            guard lines.count == 2, let column = lines[0].firstIndex(of: name[...]) else { return 0 }
            return Int(lines[1][column]) ?? 0
        }

        /// The numbers behind `name`: one of DISCOVER-OFFER, one of REQUEST-ACK.
        private static func figures(_ name: String, in output: String) -> [Int] {
            output.split(separator: "\n").filter { $0.hasPrefix(name) }
                .compactMap { Int($0.dropFirst(name.count).filter { !$0.isWhitespace }) }
        }
    }
}
