import Testing
import VmnetWire

@testable import VmnetNAT

/// What may be done with a segment, from what libslirp has acknowledged.
@Suite struct TCPFlowTests {
    private func segment(
        _ flags: TCPHeader.Flags = .ack, at sequence: UInt32, _ payloadLength: Int = 0
    ) -> TCPSegment {
        let header = TCPHeader(
            sourcePort: 1, destinationPort: 2, sequence: sequence, acknowledgement: 0, flags: flags, window: 0)
        return TCPSegment(header, payloadLength: payloadLength)
    }

    /// A connection opened by SYN 999 and answered: 1000 is next.
    private var open: TCPFlow {
        var flow = TCPFlow(opening: segment(.syn, at: 999))
        flow.noteSent(flags: [.syn, .ack], acknowledgement: 1000)
        return flow
    }

    @Test func `data in order pass, and so does what was acknowledged before`() {
        var flow = open
        #expect(flow.judge(segment(at: 1000, 100), trap: 0, isReading: true) == .pass)
        flow.noteSent(flags: .ack, acknowledgement: 1100)
        #expect(flow.judge(segment(at: 1000, 100), trap: 0, isReading: true) == .pass)
        #expect(flow.judge(segment(at: 1050, 100), trap: 0, isReading: true) == .pass)
        #expect(flow.judge(segment(at: 1100, 100), trap: 0, isReading: true) == .pass)
    }

    @Test func `data or a FIN beyond the acknowledgement are ahead, an empty segment is not`() {
        var flow = open
        #expect(flow.judge(segment(at: 1001, 100), trap: 0, isReading: true) == .ahead)
        #expect(flow.judge(segment([.fin, .ack], at: 1001), trap: 0, isReading: true) == .ahead)
        #expect(flow.judge(segment(at: 1001), trap: 0, isReading: true) == .pass)
        #expect(flow.judge(segment([.rst], at: 1001), trap: 0, isReading: true) == .pass)
    }

    @Test func `the first new acknowledgement after a repeated one is told apart, once`() {
        func acknowledgement(_ number: UInt32, window: UInt16 = 5000, _ payloadLength: Int = 0) -> TCPSegment {
            let header = TCPHeader(
                sourcePort: 1, destinationPort: 2, sequence: 1000, acknowledgement: number, flags: .ack, window: window)
            return TCPSegment(header, payloadLength: payloadLength)
        }
        var flow = open
        func verdicts(_ segments: TCPSegment...) -> [TCPFlow.Verdict] {
            segments.map { flow.judge($0, trap: 0, isReading: true) }
        }
        #expect(verdicts(acknowledgement(1), acknowledgement(2), acknowledgement(3)) == [.pass, .pass, .pass])
        #expect(verdicts(acknowledgement(3), acknowledgement(3), acknowledgement(9)) == [.pass, .pass, .resume])
        #expect(verdicts(acknowledgement(10), acknowledgement(11)) == [.pass, .pass])
        // Another window is different enough, and so are data.
        #expect(verdicts(acknowledgement(11), acknowledgement(12, window: 4000)) == [.pass, .pass])
        #expect(verdicts(acknowledgement(12, window: 4000), acknowledgement(13, window: 4000, 1)) == [.pass, .pass])
        // A window of one stays open.
        let one = acknowledgement(14, window: 1)
        #expect(verdicts(one, one, acknowledgement(15, window: 1)) == [.pass, .pass, .pass])
    }

    @Test func `order is that of a circle`() {
        var flow = open
        flow.noteSent(flags: .ack, acknowledgement: 0xffff_fff0)
        #expect(flow.judge(segment(at: 0xffff_fff0, 32), trap: nil, isReading: true) == .pass)
        flow.noteSent(flags: .ack, acknowledgement: 0x10)
        #expect(flow.judge(segment(at: 0xffff_fff0, 32), trap: 0, isReading: true) == .pass)
        #expect(flow.judge(segment(at: 0x11, 32), trap: 0, isReading: true) == .ahead)
    }

    @Test func `a later libslirp may have a few segments ahead, until it acknowledges`() {
        var flow = open
        for index in 1...UInt32(TCPFlow.lenientGap) {
            #expect(flow.judge(segment(at: 1000 + index * 100, 100), trap: nil, isReading: true) == .pass)
        }
        #expect(flow.judge(segment(at: 9000, 100), trap: nil, isReading: true) == .ahead)
        flow.noteSent(flags: .ack, acknowledgement: 1100)
        #expect(flow.judge(segment(at: 9000, 100), trap: nil, isReading: true) == .pass)
    }

    @Test func `the sequence number that libslirp stumbles over is refused unless libslirp still reads`() {
        var flow = open
        flow.noteSent(flags: .ack, acknowledgement: 0xffff_fff0)
        let last = segment(at: 0xffff_fff0, 16)
        #expect(flow.judge(last, trap: 0, isReading: true) == .pass)
        #expect(flow.judge(last, trap: 0, isReading: false) == .drop)
        #expect(flow.judge(segment([.fin, .ack], at: 0), trap: 0, isReading: false) == .drop)
        #expect(flow.judge(segment(at: 0xffff_fff0, 15), trap: 0, isReading: false) == .pass)
        #expect(flow.judge(last, trap: nil, isReading: false) == .pass)
    }

    @Test func `a repeated SYN is ignored, a new one reopens, and an answer to none is dropped`() {
        var flow = TCPFlow(opening: segment(.syn, at: 999))
        #expect(flow.judge(segment(.syn, at: 5), trap: 0, isReading: false) == .ignore)
        flow = open
        #expect(flow.judge(segment(.syn, at: 999), trap: 0, isReading: true) == .ignore)
        #expect(flow.judge(segment(.syn, at: 5), trap: 0, isReading: true) == .reopened)
        #expect(flow.judge(segment([.syn, .ack], at: 999), trap: 0, isReading: true) == .drop)
    }

    @Test func `on a forwarded connection the guest answers libslirp's SYN, once`() {
        var flow = TCPFlow.forwarded
        flow.noteSent(flags: .syn, acknowledgement: 0)
        #expect(!flow.isSynchronized)
        #expect(flow.judge(segment(.syn, at: 5), trap: 0, isReading: false) == .drop)
        #expect(flow.judge(segment([.syn, .ack], at: 5), trap: 0, isReading: false) == .pass)
        flow.noteSent(flags: .ack, acknowledgement: 6)
        #expect(flow.isSynchronized)
        #expect(flow.judge(segment([.syn, .ack], at: 5), trap: 0, isReading: true) == .drop)
        #expect(flow.judge(segment(at: 6, 10), trap: 0, isReading: true) == .pass)
    }

    @Test func `a reset says nothing about the order`() {
        var flow = open
        flow.noteSent(flags: [.rst, .ack], acknowledgement: 0)
        #expect(flow.acknowledged == 1000)
    }

    @Test func `a connection of libslirp's is over when both sides have confirmed both ends`() {
        var flow = TCPFlow.forwarded
        flow.noteOpening(sequence: 0)
        #expect(flow.reset.flags == [.rst, .ack])
        #expect(flow.reset.acknowledgement == 1)
        _ = flow.judge(segment([.syn, .ack], at: 5), trap: 0, isReading: false)
        flow.noteSent(flags: .ack, acknowledgement: 6)
        #expect(flow.reset.flags == .rst)
        flow.noteSent(flags: [.fin, .ack], acknowledgement: 6)
        flow.noteEnd(0)
        #expect(!flow.isOver)
        _ = flow.judge(segment([.fin, .ack], at: 6, 4), trap: 0, isReading: false)
        #expect(!flow.isOver)
        flow.noteSent(flags: .ack, acknowledgement: 11)
        #expect(flow.isOver)
    }

    @Test func `a FIN of either side closes`() {
        var flow = open
        #expect(!flow.isClosing)
        flow.noteSent(flags: [.fin, .ack], acknowledgement: 1000)
        #expect(flow.isClosing)
        var other = open
        _ = other.judge(segment([.fin, .ack], at: 1000), trap: 0, isReading: true)
        #expect(other.isClosing)
    }
}
