import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Guests on the host's own physical network, with a DHCP server and a web server out there.
    @Suite struct BridgedTests {
        private static let station = MACAddress(bits: 0x0016_3e00_0001)
        private static let guest = MACAddress(bits: 0x0200_0000_0009)

        @Test(.needs(.udhcpc, .ethtool), arguments: [true, false])
        func `256 MiB pass each way unharmed, with offloads on at every hop and off`(offloads: Bool) async throws {
            let lan = try await LAN(blobMiB: 256)
            let namespace = try await Namespace()
            let serve = try await lan.serve(listening: ["tap:eth0@\(namespace.path)"])
            #expect(serve.announcement.mode == "bridged" && serve.announcement.interface == LAN.interface)
            #expect(serve.announcement.mtu == 1500 && serve.announcement.startAddress == nil)
            if !offloads {
                for (place, interface) in [(lan.host, LAN.interface), (lan.station, "lan0"), (namespace, "eth0")] {
                    try await place.run(
                        "sh", "-c", "ethtool -K \(interface) tx off sg off tso off gso off gro off 2>/dev/null; true")
                }
            }
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            _ = try await guest.acquireLease()
            #expect(try await Self.canPing(guest))
            try await Self.checkTransfers(of: guest, on: lan)
            let dropped = try await serve.uplink().traffic.dropped
            #expect(dropped["oversize"] == 0 && dropped["malformed"] == 0, "\(dropped)")
            try await serve.stop()
        }

        @Test(.needs(.qemu, .userModeLinux, .udhcpc))
        func `machines lease from the physical network's server and reach it and each other`() async throws {
            let lan = try await LAN(.bridge)
            let namespace = try await Namespace()
            let (stream, bess) = (lan.folder("stream.sock"), lan.folder("bess.sock"))
            let serve = try await lan.serve(
                listening: ["stream:\(stream)", "bess:\(bess)", "tap:eth0@\(namespace.path)"])
            async let linux = UserModeLinux(connectedTo: bess, address: "02:00:00:00:00:02")
            async let machine = QEMU(
                netdev: "stream,server=off,addr.type=unix,addr.path=\(stream)", address: "02:00:00:00:00:03",
                in: lan.host)
            let guests: [any Guest] = [
                try await linux, try await machine, try NamespaceGuest(in: namespace, interface: "eth0"),
            ]
            var addresses: [IPv4Address] = []
            for guest in guests {
                let lease = try await guest.acquireLease()
                #expect(lease.options["server"] == LAN.address)
                addresses.append(lease.address)
            }
            for (own, guest) in zip(addresses, guests) {
                #expect(try await Self.canPing(guest), "\(own)")
                for peer in addresses where peer != own {
                    #expect(try await guest.canPing(peer), "\(own) to \(peer)")
                }
                try await Self.checkTransfers(of: guest, on: lan)
            }
            try await serve.stop()
        }

        @Test(.needs())
        func `a namespace of run --netns is on the physical network`() async throws {
            let lan = try await LAN(pings: true)
            let child = try lan.host.start(
                [
                    try #require(Programs.openvmnet), "run", "--mode", "bridged", "--ifname", LAN.interface, "--netns",
                    "--", "sh", "-c",
                    "busybox ip -4 -o address show dev eth0; busybox ping -c 1 -W 2 \(LAN.address); "
                        + "cat /proc/sys/net/ipv4/tcp_congestion_control",
                ], environment: Serve.environment(lan.folder))
            let result = try await child.result(within: .seconds(30))
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(result.output.contains("inet 198.51.100."), "\(result.output)")
            #expect(result.errors.contains("do not reach each other over \(LAN.interface)"), "\(result.errors)")
            // Its connections end anywhere.
            #expect(try await result.output.contains(lan.host.congestionControl()), "\(result.output)")
        }

        @Test(
            .needs(.tcpdump),
            arguments: ["81000007", "81006000", "88a80005", "88a800058100e007", "8100000781000008"])
        func `VLAN tags arrive as they were sent, both ways`(tags: String) async throws {
            let lan = try await LAN()
            let guest = try await Namespace()
            let serve = try await lan.serve(listening: ["tap:eth0@\(guest.path)"])
            try await guest.run("ip", "link", "set", "eth0", "up")
            // A type for local experiments (IEEE 802-2014, 9.2.4), whose first payload tells the frames apart.
            let payload = tags + "88b5" + (0..<64).map { Self.hexadecimal([UInt8($0)]) }.joined()
            let (own, other) = (Self.hexadecimal(Self.guest.octets), Self.hexadecimal(Self.station.octets))
            let filter = "ether host \(Self.guest)"
            let outside = try await FrameLog(on: "lan0", in: lan.station, ["-xx", "-Q", "in"], filter: filter)
            let inside = try await FrameLog(on: "eth0", in: guest, ["-xx", "-Q", "in"], filter: filter)
            try await guest.run(Programs.socketPeer, "frames", "eth0", other + own + payload)
            try await eventually("the guest's frame", within: .seconds(10)) { Self.frames(outside) != [] }
            try await lan.station.run(Programs.socketPeer, "frames", "lan0", own + other + payload)
            try await eventually("the station's frame", within: .seconds(10)) { Self.frames(inside) != [] }
            #expect(Self.frames(outside) == [other + own + payload])
            #expect(Self.frames(inside) == [own + other + payload])
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a link that goes down, and one that is deleted and made again, go on under traffic`() async throws {
            let lan = try await LAN(.bridge)
            let namespace = try await Namespace()
            let serve = try await lan.serve(listening: ["tap:eth0@\(namespace.path)"])
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            _ = try await guest.acquireLease()
            let traffic = try namespace.start(
                ["sh", "-c", "while true; do busybox ping -A -W 1 \(LAN.address) >/dev/null; done"])
            let before = ProcessFigures(of: serve.child.pid)
            for round in 1...2 {
                try await lan.host.run("ip", "link", "set", LAN.interface, "down")
                try await Self.waitForState("down", of: serve)
                try await lan.host.run("ip", "link", "set", LAN.interface, "up")
                try await Self.waitForState("up", of: serve)
                try await eventually("a ping after flap \(round)", within: .seconds(20)) {
                    try await guest.shell("ping -c 1 -W 1 \(LAN.address)", within: .seconds(5)).status == 0
                }
                try await lan.cut()
                try await Self.waitForState("gone", of: serve)
                _ = try await guest.shell("ping -c 1 -W 1 \(LAN.address)", within: .seconds(5))
                try await lan.connectAgain()
                try await Self.waitForState("up", of: serve)
                try await eventually("a ping after deletion \(round)", within: .seconds(20)) {
                    try await guest.shell("ping -c 1 -W 1 \(LAN.address)", within: .seconds(5)).status == 0
                }
            }
            let after = ProcessFigures(of: serve.child.pid)
            #expect(after.descriptorCount == before.descriptorCount)
            #expect(try await serve.uplink().traffic.dropped["link_down"] ?? 0 > 0)
            traffic.signal(9)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `packets longer than the physical network takes are answered, and its MTU is followed`() async throws {
            let lan = try await LAN()
            let namespace = try await Namespace()
            let serve = try await lan.serve(listening: ["tap:eth0@\(namespace.path)"])
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            _ = try await guest.acquireLease()
            // A pair of interfaces takes no longer frames than either of them.
            try await lan.station.run("ip", "link", "set", "lan0", "mtu", "1300")
            try await lan.host.run("ip", "link", "set", LAN.interface, "mtu", "1300")
            try await eventually("the interface's MTU", within: .seconds(10)) { try await serve.uplink().mtu == 1300 }
            // The first is answered, the kernel cuts the second.
            _ = try await guest.shell("ping -c 1 -W 1 -s 1400 \(LAN.address)", within: .seconds(5))
            let routes = try await namespace.run("ip", "route", "get", LAN.address)
            #expect(routes.contains("mtu 1300"), "\(routes)")
            #expect(try await guest.shell("ping -c 2 -W 2 -s 1400 \(LAN.address)", within: .seconds(10)).status == 0)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc, .curl))
        func `mixed traffic leaks nothing`() async throws {
            let lan = try await LAN(blobMiB: 16)
            let namespace = try await Namespace()
            let serve = try await lan.serve(listening: ["tap:eth0@\(namespace.path)"])
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            _ = try await guest.acquireLease()
            try await Self.mix(in: guest)
            let before = ProcessFigures(of: serve.child.pid)
            for _ in 0..<2 { try await Self.mix(in: guest) }
            let after = ProcessFigures(of: serve.child.pid)
            #expect(after.descriptorCount == before.descriptorCount)
            #expect(after.residentKiB < before.residentKiB + 4096, "\(before) \(after)")
            try await serve.stop()
        }
    }
}

extension Integration.BridgedTests {
    private static func canPing(_ guest: some Guest) async throws -> Bool {
        try await guest.shell("ping -c 3 -i 0.2 -W 2 \(LAN.address)", within: .seconds(15)).status == 0
    }

    /// Downloads the blob and uploads it again; all sides compute the same digest.
    private static func checkTransfers(of guest: some Guest, on lan: LAN) async throws {
        let output = try await guest.run(
            """
            export BLOB=/tmp/blob.$$; \
            wget -q -O $BLOB http://\(LAN.address)/blob && sha256sum <$BLOB && \
            nc \(LAN.address) 8080 -e upload; cat $BLOB.answer; rm $BLOB $BLOB.answer
            """, within: .seconds(120))
        let digests = output.split(separator: lan.blobSHA256, omittingEmptySubsequences: false).count - 1
        #expect(digests == 2, "down, up: \(output)")
    }

    /// Connections, pings of all lengths, and questions to everybody.
    private static func mix(in guest: NamespaceGuest) async throws {
        try await guest.run(
            """
            for i in 1 2 3 4; do wget -q -O /dev/null http://\(LAN.address)/blob & done; \
            for size in 0 100 1472 9000; do ping -A -c 100 -w 2 -s $size \(LAN.address) >/dev/null & done; \
            for i in 1 2 3 4 5 6 7 8; do arping -c 1 -w 1 -I eth0 198.51.100.20$i >/dev/null & done; wait
            """, within: .seconds(30))
    }

    private static func waitForState(_ state: String, of serve: BridgedServe) async throws {
        try await eventually("the interface to be \(state)", within: .seconds(10)) {
            try await serve.uplink().state == state
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The frames that tcpdump has seen so far, in hexadecimal: lines of digits behind a line for each frame.
    private static func frames(_ log: FrameLog) -> [String] {
        var frames: [String] = []
        for line in log.lines {
            if line.contains("0x"), let colon = line.firstIndex(of: ":"), !frames.isEmpty {
                frames[frames.count - 1] += line[line.index(after: colon)...].filter { $0.isHexDigit }
            } else {
                frames.append("")
            }
        }
        return frames
    }
}
