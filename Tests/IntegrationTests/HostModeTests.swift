import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Guests have each other and the host, and nothing else.
    @Suite struct HostModeTests {
        private static let network = [
            "--netdev",
            "vmnet-host,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0",
        ]
        /// Addresses that guests must not reach: far away, the host's own on its other networks, next to those, and
        /// where clouds keep secrets.
        private static let foreign = [
            "8.8.8.8", "\(HostNetwork.internetAddress)", "198.51.100.2", "198.51.100.1", "10.1.2.3", "169.254.169.254",
        ]

        @Test(.needs(.udhcpc, .userModeLinux, .tcpdump))
        func `guests reach each other and the host, and everything else is prohibited at once`() async throws {
            let host = try await HostNetwork()
            try await Self.connect(host)
            let namespaces = [try await Namespace(), try await Namespace()]
            let serve = try await Serve(
                Self.network + namespaces.flatMap { ["--listen", "tap:eth0@\($0.path)"] }, listening: [.bess],
                on: host, in: TemporaryFolder())
            let linux = try await UserModeLinux(connectedTo: serve.socket(.bess), address: "02:00:00:00:00:03")
            let first = try NamespaceGuest(in: namespaces[0], interface: "eth0")
            let guests: [any Guest] = [first, try NamespaceGuest(in: namespaces[1], interface: "eth0"), linux]
            try await Self.checkReach(of: guests, on: serve)

            let gateway = try serve.promise.gateway
            let outside = try await FrameLog(on: "any", in: host.namespace)
            for guest in guests { try await guest.run("ip route add default via \(gateway)") }
            try await Self.checkRefusals(in: first)
            for address in Self.foreign {
                let (_, output) = try await linux.shell("nc -w 30 \(address) 80 </dev/null", within: .seconds(40))
                #expect(output.contains("No route to host"), "\(output)")
            }
            // Sources that are no guest's get no answer, and get nowhere.
            try await first.run("ip address add 1.2.3.4/32 dev eth0")
            #expect(try await first.shell("ping -c 1 -W 1 -I 1.2.3.4 8.8.8.8", within: .seconds(5)).status != 0)
            #expect(try await outside.finish() == [])
            try await serve.stop()
        }

        /// Gives the host a network beside loopback, with a default route.
        private static func connect(_ host: HostNetwork) async throws {
            try await host.namespace.run(
                "sh", "-c",
                """
                ip link add lan type veth peer name wire && ip address add 198.51.100.2/24 dev lan
                for file in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 >$file; done
                ip link set lan up && ip link set wire up && ip route add default via 198.51.100.1
                """)
        }

        /// Leases without routes, the host at the gateway's address, and all the others.
        private static func checkReach(of guests: [any Guest], on serve: Serve) async throws {
            let gateway = try serve.promise.gateway
            var addresses: [IPv4Address] = []
            for guest in guests {
                let lease = try await guest.acquireLease()
                addresses.append(lease.address)
                #expect(lease.options["gateway"] == nil && lease.options["dns"] == nil, "\(lease)")
                #expect(try await guest.shell("ip route | grep default", within: .seconds(5)).status == 1)
                #expect(try await guest.canPing(gateway))
                let request = "printf 'GET /cgi-bin/upload HTTP/1.0\\r\\n\\r\\n' | nc -w 5 \(gateway) 80"
                #expect(try await guest.run(request).contains("200 OK"))
            }
            for (own, guest) in zip(addresses, guests) {
                for peer in addresses where peer != own {
                    #expect(try await guest.canPing(peer), "\(own) to \(peer)")
                }
            }
        }

        /// TCP, UDP and pings to each of the foreign addresses end with an error, not with a time-out.
        private static func checkRefusals(in guest: NamespaceGuest) async throws {
            let log = try await FrameLog(on: "eth0", in: guest.namespace, filter: "icmp")
            let endpoints = foreign.flatMap { ["\($0):80", "\($0):53"] }
            let peer = try guest.namespace.start([Programs.socketPeer, "probe"] + endpoints)
            let report = try await peer.result(within: .seconds(60)).output.split(separator: "\n")
            #expect(report.count == 2 * endpoints.count)
            for line in report { #expect(line.contains(": No route to host, "), "\(line)") }
            let pings = foreign.map { "ping -c 1 -W 1 \($0) &" }.joined(separator: " ")
            _ = try await guest.shell("\(pings) wait", within: .seconds(10))
            let lines = try await log.finish()
            for address in foreign {
                // Two connections, two datagrams, a ping.
                let errors = lines.filter { $0.contains("ICMP host \(address) unreachable - admin prohibited") }
                #expect(errors.count == 5, "\(address): \(lines)")
            }
        }

        @Test(.needs())
        func `run --netns has no default route, and no complaint about it`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let script = """
                busybox ip route show default; busybox ip -4 -o address show dev eth0; cat /etc/resolv.conf
                busybox wget -q -O - http://192.168.105.1/blob | sha256sum
                busybox nc -w 5 203.0.113.1 8080 </dev/null
                """
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "run", "--netns"] + Self.network + ["--", "sh", "-c", script],
                environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(30))
            #expect(!result.output.contains("default") && !result.output.contains("nameserver"), "\(result.output)")
            #expect(result.output.contains("inet 192.168.105.2/24"), "\(result.output)")
            #expect(result.output.contains(host.blobSHA256), "\(result.output)")
            #expect(!result.errors.contains("openvmnet:"), "\(result.errors)")
            #expect(result.errors.contains("Network is unreachable"), "\(result.errors)")
        }
    }
}
