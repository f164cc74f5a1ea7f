import VmnetTesting

/// Frames that Linux 6 sent between 192.168.64.2 (fd00:64::2) and 192.168.64.1 (fd00:64::1), captured on a veth pair
/// without checksum offload.
enum Captured {
    static let arpRequest = [UInt8](
        hex: """
            ff ff ff ff ff ff  52 54 00 12 34 56  08 06                 // Ethernet: broadcast
            00 01 08 00 06 04 00 01                                     // ARP request for Ethernet, IPv4
            52 54 00 12 34 56  c0 a8 40 02                              // from .2
            00 00 00 00 00 00  c0 a8 40 01                              // who has .1
            """)
    static let arpReply = [UInt8](
        hex: """
            52 54 00 12 34 56  52 54 00 00 00 01  08 06                 // Ethernet
            00 01 08 00 06 04 00 02                                     // ARP reply
            52 54 00 00 00 01  c0 a8 40 01                              // .1 is at
            52 54 00 12 34 56  c0 a8 40 02                              // told to .2
            """)
    static let tcpReset = [UInt8](
        hex: """
            52 54 00 12 34 56  52 54 00 00 00 01  08 00                 // Ethernet
            45 00 00 28 00 00 40 00 40 06 39 7c c0 a8 40 01 c0 a8 40 02  // IPv4: DF, TTL 64, TCP
            00 51 a9 ba 00 00 00 00 e6 d7 81 c0 50 14 00 00 9b d8 00 00  // TCP: 81 > 43450, RST ACK
            """)
    static let tcpSYN = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 3c 92 b6 40 00 40 06 a6 b1 c0 a8 40 02 c0 a8 40 01  // IPv4
            c9 5e 00 50 13 10 9e de 00 00 00 00 a0 02 fa f0 a1 98 00 00  // TCP: 51550 > 80, SYN, window 64240
            02 04 05 b4  04 02  08 0a aa 3f 84 42 00 00 00 00  01  03 03 0a  // MSS, SACK, timestamps, NOP, scale
            """)
    static let tcpData = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 39 92 b8 40 00 40 06 a6 b2 c0 a8 40 02 c0 a8 40 01  // IPv4
            c9 5e 00 50 13 10 9e df 6c 1a 93 6c 80 18 00 3f 5d 21 00 00  // TCP: PSH ACK
            01 01 08 0a aa 3f 84 42 37 fa 4d 89                         // NOP, NOP, timestamps
            70 69 6e 67 0a                                              // "ping\\n"
            """)
    static let udp = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 21 78 ac 40 00 40 11 c0 cb c0 a8 40 02 c0 a8 40 01  // IPv4
            a5 e7 00 35 00 0d 14 91                                     // UDP: 42471 > 53
            68 65 6c 6c 6f                                              // "hello"
            """)
    static let udpWithoutChecksum = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 21 3a 7b 40 00 40 11 fe fc c0 a8 40 02 c0 a8 40 01  // IPv4
            c0 a3 00 09 00 0d 00 00                                     // UDP: 49315 > 9, no checksum
            6e 6f 73 75 6d                                              // "nosum"
            """)
    static let udpBehindOptions = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            47 00 00 29 3a 7a 40 00 40 11 42 ee c0 a8 40 02 c0 a8 40 01  // IPv4: 28 bytes
            07 07 08 c0 a8 40 02 00                                     // record route, end of options
            d2 03 00 09 00 0d 27 8f                                     // UDP: 53763 > 9
            6f 70 74 73 21                                              // "opts!"
            """)
    static let echoRequest = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 24 ab 6a 40 00 40 01 8e 1a c0 a8 40 02 c0 a8 40 01  // IPv4
            08 00 1f 58 47 11 00 01                                     // ICMP: echo, identifier 4711, sequence 1
            61 62 63 64 65 66 67 68                                     // "abcdefgh"
            """)
    static let lastFragment = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  08 00                 // Ethernet
            45 00 00 54 ab 6b 00 b9 40 01 cd 30 c0 a8 40 02 c0 a8 40 01  // IPv4: from byte 1480 on
            c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 ca cb cc cd ce cf
            d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 da db dc dd de df
            e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 ea eb ec ed ee ef
            f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff
            """)
    static let portUnreachable = [UInt8](
        hex: """
            52 54 00 12 34 56  52 54 00 00 00 01  08 00                 // Ethernet
            45 c0 00 3b e8 a0 00 00 40 01 90 0d c0 a8 40 01 c0 a8 40 02  // IPv4: internetwork control, may fragment
            03 03 fe 6d 00 00 00 00                                     // ICMP: port unreachable
            45 00 00 1f 78 ad 40 00 40 11 c0 cc c0 a8 40 02 c0 a8 40 01  // the packet: IPv4
            a5 e7 00 36 00 0b 94 03  61 62 63                           // UDP, "abc"
            """)
    static let tcpSYNv6 = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  86 dd                 // Ethernet
            60 06 f9 48 00 28 06 40                                     // IPv6: flow 6f948, 40 bytes of TCP, 64 hops
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 02             // from
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 01             // to
            d3 d0 00 50 e7 ad 4b 0b 00 00 00 00 a0 02 fd 20 dc 4e 00 00  // TCP: 54224 > 80, SYN
            02 04 05 a0  04 02  08 0a 54 95 18 66 00 00 00 00  01  03 03 0a  // options as above
            """)
    static let udpv6 = [UInt8](
        hex: """
            52 54 00 00 00 01  52 54 00 12 34 56  86 dd                 // Ethernet
            60 07 45 b9 00 0d 11 40                                     // IPv6: UDP
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 02             // from
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 01             // to
            bd d8 00 35 00 0d 03 28                                     // UDP: 48600 > 53
            68 65 6c 6c 6f                                              // "hello"
            """)
    static let neighborSolicitation = [UInt8](
        hex: """
            33 33 ff 00 00 01  52 54 00 12 34 56  86 dd                 // Ethernet: solicited-node multicast
            60 00 00 00 00 20 3a ff                                     // IPv6: ICMPv6, 255 hops
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 02             // from
            ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 01             // to
            87 00 f8 14 00 00 00 00                                     // ICMPv6: neighbour solicitation
            fd 00 00 64 00 00 00 00 00 00 00 00 00 00 00 01             // who has
            01 01 52 54 00 12 34 56                                     // source link-layer address
            """)
    static let multicastReport = [UInt8](
        hex: """
            33 33 00 00 00 16  52 54 00 00 00 01  86 dd                 // Ethernet: all MLDv2 routers
            60 00 00 00 00 24 00 01                                     // IPv6: hop-by-hop options, 1 hop
            fe 80 00 00 00 00 00 00 50 54 00 ff fe 00 00 01             // from
            ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 16             // to
            3a 00 05 02 00 00 01 00                                     // router alert, then ICMPv6
            8f 00 21 b3 00 00 00 01                                     // multicast listener report, one record
            04 00 00 00 ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 01  // to exclude ff02::1:ff00:1
            """)

    /// Frames that carry IPv4, and that carry IPv6.
    static let ipv4 = [
        tcpReset, tcpSYN, tcpData, udp, udpWithoutChecksum, udpBehindOptions, echoRequest, lastFragment,
        portUnreachable,
    ]
    static let ipv6 = [tcpSYNv6, udpv6, neighborSolicitation, multicastReport]
}

extension [UInt8] {
    /// What follows the Ethernet header.
    var packet: [UInt8] { [UInt8](self[14...]) }
    /// What follows an IPv4 header without options.
    var ipv4Payload: [UInt8] { [UInt8](self[34...]) }
    /// What follows a fixed IPv6 header.
    var ipv6Payload: [UInt8] { [UInt8](self[54...]) }

    /// A copy with one byte changed.
    func with(_ value: UInt8, at offset: Int) -> [UInt8] {
        var copy = self
        copy[offset] = value
        return copy
    }
}
