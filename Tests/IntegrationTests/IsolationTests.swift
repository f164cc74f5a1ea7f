import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// A guest that is isolated when it attaches has the gateway, and no frame passes between it and the others.
    @Suite struct IsolationTests {
        private static let network = [
            "--netdev",
            "vmnet-host,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0",
        ]

        @Test(.needs(.udhcpc, .tcpdump))
        func `no frame of an isolated guest reaches another, nor the other way`() async throws {
            let namespaces = [try await Namespace(), try await Namespace(), try await Namespace()]
            let listening = zip(namespaces, [",isolated", "", ""]).flatMap { ["--listen", "tap:eth0@\($0.path)\($1)"] }
            let serve = try await Serve(
                Self.network + listening, listening: [], on: HostNetwork(), in: TemporaryFolder())
            #expect(serve.announcement.listen.map { $0.hasSuffix(",isolated") } == [true, false, false])
            let guests = try namespaces.map { try NamespaceGuest(in: $0, interface: "eth0") }
            for guest in guests { try await guest.run("ip link set eth0 up") }
            var logs: [FrameLog] = []
            for namespace in namespaces {
                logs.append(try await FrameLog(on: "eth0", in: namespace, ["-e", "-Q", "in"]))
            }
            var addresses: [IPv4Address] = []
            for guest in guests { addresses.append(try await guest.acquireLease().address) }
            for guest in guests { #expect(try await guest.canPing(serve.promise.gateway)) }
            #expect(try await guests[1].canPing(addresses[2]))

            let stations = try await Self.send(from: guests, to: addresses)
            var heard: [[String]] = []
            for log in logs { heard.append(try await log.finish()) }
            func sources(_ lines: [String]) -> Set<String> {
                Set(stations.filter { station in lines.contains { $0.contains(" \(station) > ") } })
            }
            #expect(sources(heard[0]) == [])
            #expect(sources(heard[1]) == [stations[2]])
            #expect(sources(heard[2]) == [stations[1]])
            try await serve.stop()
        }

        /// Each sends to every other as to a known neighbour, which needs no question, to everybody, and to groups of
        /// both versions. Returns the guests' stations.
        private static func send(
            from guests: [NamespaceGuest], to addresses: [IPv4Address]
        ) async throws -> [String] {
            var stations: [String] = []
            for guest in guests {
                let link = try await guest.run("ip link show dev eth0").split(separator: " ")
                stations.append(String(try #require(link.drop { $0 != "link/ether" }.dropFirst().first)))
            }
            for guest in guests {
                let neighbours = zip(addresses, stations).map { "ip neigh replace \($0) lladdr \($1) dev eth0" }
                let targets = addresses.map { "\($0)" } + ["192.168.105.255", "-I eth0 224.0.0.251", "ff02::1%eth0"]
                let pings = targets.map { "ping -c 1 -W 1 \($0) &" }
                _ = try await guest.shell(
                    "\(neighbours.joined(separator: "; ")); \(pings.joined(separator: " ")) wait", within: .seconds(10))
            }
            return stations
        }
    }
}
