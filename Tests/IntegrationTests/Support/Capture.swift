/// The frames that come to a guest's interface, as tcpdump sees them and tshark judges them.
final class Capture: Sendable {
    /// What tshark found.
    struct Frames: Sendable {
        var count = 0
        /// In bytes, the Ethernet header included.
        var longest = 0
        /// Frames with an IP, TCP or UDP checksum that is wrong.
        var bad = 0
        /// Frames with a TCP or UDP checksum that is right.
        var good = 0
    }

    private let guest: NamespaceGuest
    private let folder: TemporaryFolder
    private let tcpdump: Child

    /// Begins to write down what comes to `guest`.
    init(of guest: NamespaceGuest) async throws {
        folder = try TemporaryFolder()
        self.guest = guest
        // Room for a second of frames while the disk is busy; and no other user, whom the namespace does not know.
        tcpdump = try guest.namespace.start([
            "tcpdump", "-i", guest.interface, "-Q", "in", "-B", "131072", "-Z", "root", "-w", folder("frames"),
        ])
        let tcpdump = tcpdump
        try await eventually("tcpdump", within: .seconds(10)) { tcpdump.errors.contains("listening on") }
    }

    /// Ends it, and looks at each frame.
    func finish() async throws -> Frames {
        tcpdump.signal(2)
        let result = try await tcpdump.result(within: .seconds(10))
        guard result.exit == .status(0), result.errors.contains("\n0 packets dropped by kernel") else {
            throw ChildFailure("lost frames", tcpdump)
        }
        // Of a checksum: 0 = wrong, 1 = right, nothing = there is none, 2 and 3 = not looked at.
        let lines = try await guest.namespace.run(
            "sh", "-c",
            """
            tshark -r \(folder("frames")) --disable-protocol http --disable-protocol data -o tcp.desegment_tcp_streams:FALSE \
            -o tcp.analyze_sequence_numbers:FALSE -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
            -o udp.check_checksum:TRUE -T fields -E separator=/s -e frame.len -e ip.checksum.status \
            -e tcp.checksum.status -e udp.checksum.status 2>/dev/null | sort | uniq -c
            """, environment: ["HOME": folder.path], within: .seconds(60))
        var frames = Frames()
        for line in lines.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 2, let count = Int(fields[0]), let byteCount = Int(fields[1]) else { continue }
            frames.count += count
            frames.longest = max(frames.longest, byteCount)
            if fields.dropFirst(2).contains("0") { frames.bad += count }
            if fields.dropFirst(3).contains("1") { frames.good += count }
        }
        return frames
    }
}
