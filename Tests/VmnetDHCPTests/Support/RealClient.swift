import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

/// What clients that people use really send: captured messages, with the hardware address 52:54:00:12:34:56 and made-up
/// machine ids. Their REQUESTs are for 192.168.64.39.
struct RealClient: Sendable, CustomTestStringConvertible {
    let name: String
    /// The header from op to chaddr's padding: 44 bytes.
    let header: String
    let discover: String
    var request: String?
    /// Bytes of a DISCOVER, padding included; messages are no longer than their options by themselves.
    var minimumByteCount = 300
    var requestHeader: String?
    var bootFile = ""
    var checksum = FrameBuilder.Checksum.correct
    /// The most bytes of a message that the client takes.
    var limit = 548

    var testDescription: String { name }

    static let address: IPv4Address = "192.168.64.39"

    private static let cookie = "63 82 53 63"

    func message(_ header: String, _ options: String) -> [UInt8] {
        let file = Array(bootFile.utf8) + [UInt8](repeating: 0, count: 128 - bootFile.utf8.count)
        let head = [UInt8](hex: header) + [UInt8](repeating: 0, count: 64) + file
        let bytes = head + [UInt8](hex: Self.cookie) + [UInt8](hex: options)
        return bytes + [UInt8](repeating: 0, count: max(0, minimumByteCount - bytes.count))
    }

    var discoverBytes: [UInt8] { message(header, discover) }
    var requestBytes: [UInt8]? { request.map { message(requestHeader ?? header, $0) } }

    /// Whether the client speaks through a relay, as a load generator does.
    var isRelay: Bool { name == "perfdhcp" }

    /// The frame that carries these bytes.
    func frame(_ payload: [UInt8]) -> [UInt8] {
        guard isRelay else {
            return FrameBuilder(from: "52:54:00:12:34:56", to: .broadcast).udp(
                from: "0.0.0.0:68", to: "255.255.255.255:67", checksum: checksum, payload: payload)
        }
        return FrameBuilder(from: "52:54:00:12:34:56", to: TestNetwork.gatewayMAC).udp(
            from: "192.168.64.200:67", to: "192.168.64.1:67", checksum: checksum, payload: payload)
    }
}

/// BOOTREQUEST of 52:54:00:12:34:56 with nothing else in it.
private func bootRequest(_ xid: String, secs: String = "00 00", flags: String = "00 00") -> String {
    """
    01 01 06 00  \(xid)  \(secs)  \(flags)
    00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    52 54 00 12 34 56  00 00 00 00 00 00 00 00 00 00
    """
}

extension RealClient {
    static let all = [
        udhcpc, dhclient, dhcpcd, networkd, klibc, iPXE, uBoot, ovmf, ovmfHTTP, perfdhcp, libkrun,
    ]

    static let udhcpc = RealClient(
        name: "udhcpc 1.35.0",
        header: bootRequest("7d a4 c7 6c"),
        discover: """
            35 01 01                                  // DISCOVER
            39 02 02 40                               // at most 576 bytes
            37 0a 01 03 06 0c 0f 1a 1c 2a 77 79       // parameter request list
            0c 06 67 75 65 73 74 31                   // host name guest1
            3c 0c 75 64 68 63 70 20 31 2e 33 35 2e 30 // udhcp 1.35.0
            3d 07 01 52 54 00 12 34 56                // client identifier: the MAC address
            51 09 01 00 00 67 75 65 73 74 31          // full name: guest1, S
            ff
            """,
        request: """
            35 01 03                                  // REQUEST
            32 04 c0 a8 40 27                         // requested address
            36 04 c0 a8 40 01                         // server
            39 02 02 40
            37 0a 01 03 06 0c 0f 1a 1c 2a 77 79
            0c 06 67 75 65 73 74 31
            3c 0c 75 64 68 63 70 20 31 2e 33 35 2e 30
            3d 07 01 52 54 00 12 34 56
            51 09 01 00 00 67 75 65 73 74 31
            ff
            """)

    static let dhclient = RealClient(
        name: "dhclient 4.4.3",
        header: bootRequest("7a 70 e6 6e"),
        discover: """
            35 01 01                                     // DISCOVER
            0c 02 76 6d                                  // host name vm
            37 0d 01 1c 02 03 0f 06 77 0c 2c 2f 1a 79 2a // parameter request list
            ff
            """,
        request: """
            35 01 03                                     // REQUEST
            36 04 c0 a8 40 01                            // server
            32 04 c0 a8 40 27                            // requested address
            0c 02 76 6d
            37 0d 01 1c 02 03 0f 06 77 0c 2c 2f 1a 79 2a
            ff
            """)

    /// Asks for Rapid Commit, and so sends no REQUEST.
    static let dhcpcd = RealClient(
        name: "dhcpcd 9.4.1",
        header: bootRequest("d1 6e 6d 8d"),
        discover: """
            35 01 01                                        // DISCOVER
            37 0e 01 79 03 06 0c 0f 1a 1c 21 33 36 3a 3b 77 // parameter request list
            39 02 05 c0                                     // at most 1472 bytes
            3d 13 ff 00 12 34 56 00 01 00 01 32 96 c4 a6 52 54 00 12 34 56 // client identifier: IAID, DUID-LLT
            50 00                                           // rapid commit
            91 01 01                                        // nonce for FORCERENEW
            ff
            """,
        limit: 1444)

    static let networkd = RealClient(
        name: "systemd-networkd 252",
        header: bootRequest("f4 5a 57 90", secs: "00 01"),
        discover: """
            35 01 01                                  // DISCOVER
            3d 13 ff 5f 6d aa a8 00 02 00 00 ab 11 01 02 03 04 05 06 07 08 // client identifier: IAID, DUID-EN
            37 09 01 03 06 0c 0f 21 2a 78 79          // parameter request list
            39 02 05 c0                               // at most 1472 bytes
            0c 02 76 6d                               // host name vm
            ff
            """,
        request: """
            35 01 03                                  // REQUEST
            3d 13 ff 5f 6d aa a8 00 02 00 00 ab 11 01 02 03 04 05 06 07 08
            37 09 01 03 06 0c 0f 21 2a 78 79
            39 02 05 c0
            36 04 c0 a8 40 01                         // server
            32 04 c0 a8 40 27                         // requested address
            0c 02 76 6d
            ff
            """,
        minimumByteCount: 0, limit: 1444)

    static let klibc = RealClient(
        name: "klibc ipconfig 2.0.12",
        header: bootRequest("63 8a e0 11", flags: "80 00"),
        discover: """
            35 01 01                                        // DISCOVER
            37 0b 01 03 06 0c 0f 11 1a 1c 28 77 79          // parameter request list
            3c 0e 4c 69 6e 75 78 20 69 70 63 6f 6e 66 69 67 // Linux ipconfig
            ff
            """,
        request: """
            35 01 03                                        // REQUEST
            36 04 c0 a8 40 01                               // server
            32 04 c0 a8 40 27                               // requested address
            37 0b 01 03 06 0c 0f 11 1a 1c 28 77 79
            3c 0e 4c 69 6e 75 78 20 69 70 63 6f 6e 66 69 67
            ff
            """,
        checksum: .zero)

    private static let iPXEOptions = """
        39 02 05 c0                                                  // at most 1472 bytes
        5d 02 00 00                                                  // architecture: BIOS
        5e 03 01 02 01                                               // UNDI 2.1
        3c 20 50 58 45 43 6c 69 65 6e 74 3a 41 72 63 68 3a           // PXEClient:Arch:
              30 30 30 30 30 3a 55 4e 44 49 3a 30 30 32 30 30 31     // 00000:UNDI:002001
        4d 04 69 50 58 45                                            // user class iPXE
        37 17 01 03 06 07 0c 0f 11 1a 2b 3c 42 43 77 80 81 82 83 84 85 86 87 af cb // parameter request list
        af 30 b1 05 01 1a f4 10 00 eb 03 01 00 00 17 01 01 22 01 01 13 01 01 11 01 01 // iPXE features
              27 01 01 19 01 01 29 01 01 10 01 02 21 01 01 15 01 01 18 01 01 12 01 01
        3d 07 01 52 54 00 12 34 56                                   // client identifier: the MAC address
        61 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00     // machine identifier
        """

    static let iPXE = RealClient(
        name: "iPXE 1.0.0",
        header: bootRequest("be 9e a9 5a", secs: "00 04"),
        discover: "35 01 01 // DISCOVER\n" + iPXEOptions + "\nff",
        request: "35 01 03 // REQUEST\n" + iPXEOptions + "\n36 04 c0 a8 40 01  32 04 c0 a8 40 27  ff",
        requestHeader: bootRequest("be 9e a9 5a", secs: "00 12"), limit: 1444)

    static let uBoot = RealClient(
        name: "U-Boot 2023.01",
        header: bootRequest("00 12 55 3a"),
        discover: """
            35 01 01                   // DISCOVER
            39 02 02 40                // at most 576 bytes
            5e 03 01 00 00             // UNDI 0.0
            3c 06 55 2d 42 6f 6f 74    // U-Boot
            37 06 01 03 06 0c 0d 11    // parameter request list
            ff
            """,
        request: """
            35 01 03                   // REQUEST
            39 02 02 40
            36 04 c0 a8 40 01          // server
            32 04 c0 a8 40 27          // requested address
            5e 03 01 00 00
            3c 06 55 2d 42 6f 6f 74
            37 06 01 03 06 0c 0d 11
            ff
            """,
        requestHeader: bootRequest("00 12 55 3a", secs: "00 02"), bootFile: "C0A84027.img", checksum: .zero)

    private static let ovmfOptions = """
        37 23 01 02 03 04 05 06 0c 0d 0f 11 12 16 17 1c 28 29 2a 2b 32 33 36 3a 3b 3c 42 43 61 80 81 82 83 84 85 86 87
        61 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00     // machine identifier
        5e 03 01 03 00                                               // UNDI 3.0
        5d 02 00 07                                                  // architecture: x64 UEFI
        3c 20 50 58 45 43 6c 69 65 6e 74 3a 41 72 63 68 3a           // PXEClient:Arch:
              30 30 30 30 37 3a 55 4e 44 49 3a 30 30 33 30 30 30     // 00007:UNDI:003000
        """

    /// Sends no REQUEST: without a boot server in the offer there is nothing to request.
    static let ovmf = RealClient(
        name: "OVMF 2022.11, PXE",
        header: bootRequest("77 69 b8 b3", flags: "80 00"),
        discover: "35 01 01  39 02 05 c0 // DISCOVER, at most 1472 bytes\n" + ovmfOptions + "\nff",
        limit: 1444)

    /// The same firmware names a size that no link has.
    static let ovmfHTTP = RealClient(
        name: "OVMF 2022.11, size 0xff00",
        header: bootRequest("77 69 b8 b4", flags: "80 00"),
        discover: "35 01 01  39 02 ff 00 // DISCOVER, at most 65280 bytes\n" + ovmfOptions + "\nff",
        limit: 1472)

    static let perfdhcp = RealClient(
        name: "perfdhcp",
        header: """
            01 01 06 01  00 00 00 00  00 00  00 00             // one hop, xid 0
            00 00 00 00  00 00 00 00  00 00 00 00  c0 a8 40 c8 // giaddr 192.168.64.200
            52 54 00 12 34 56  00 00 00 00 00 00 00 00 00 00
            """,
        discover: """
            35 01 01                      // DISCOVER
            37 07 01 1c 02 03 0f 06 0c    // parameter request list
            3d 07 01 52 54 00 12 34 56    // client identifier: the MAC address
            ff
            """,
        request: """
            35 01 03                      // REQUEST
            32 04 c0 a8 40 27             // requested address
            36 04 c0 a8 40 01             // server
            37 07 01 1c 02 03 0f 06 0c
            3d 07 01 52 54 00 12 34 56
            ff
            """,
        minimumByteCount: 0)

    /// Not captured: made after its source. It asks for nothing, takes 576 bytes, and wants Rapid Commit.
    static let libkrun = RealClient(
        name: "libkrun init",
        header: bootRequest("12 34 56 78", flags: "80 00"),
        discover: """
            35 01 01    // DISCOVER
            50 00       // rapid commit
            ff
            """)
}
