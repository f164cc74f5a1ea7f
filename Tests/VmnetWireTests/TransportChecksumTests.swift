import Testing
import VmnetTesting
import VmnetWire

@Suite struct TransportChecksumTests {
    private static let builder = FrameBuilder(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")

    @Test(arguments: [
        builder.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3]),
        builder.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, payload: [1, 2, 3]),
        builder.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", payload: [1, 2, 3]),
        builder.tcp(from: "[fd00::1]:1", to: "[fd00::2]:2", flags: .ack, payload: [1, 2, 3]),
    ])
    func `a checksum is found, and completed from the pseudo-header's sum`(_ frame: [UInt8]) throws {
        let padded = frame + [0, 0, 0]
        let found = TransportChecksum(of: padded.span)
        let checksum = try #require(found)
        #expect(checksum.end == frame.count)
        var copy = frame
        copy.store(be16: checksum.pseudoHeaderSum, at: checksum.start + checksum.offset)
        var span = copy.mutableSpan
        try PartialChecksum.complete(in: &span, start: checksum.start, offset: checksum.offset)
        #expect(copy == frame)
    }

    @Test func `other frames, fragments and packets that are cut short have none`() {
        var fragment = Self.builder.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3])
        fragment[20] = 0x20
        let frames = [
            Self.builder.arpRequest(from: "10.0.0.1", for: "10.0.0.2"), fragment, [UInt8](repeating: 0, count: 13),
            Self.builder.echoRequest(from: "10.0.0.1", to: "10.0.0.2"),
            Self.builder.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack).dropLast(),
            Self.builder.tcp(from: "[fd00::1]:1", to: "[fd00::2]:2", flags: .ack).dropLast(),
        ]
        for frame in frames {
            let isFound = TransportChecksum(of: frame.span) != nil
            #expect(!isFound)
        }
    }
}
