import Testing
import VmnetTesting

@testable import VmnetWire

@Suite struct SelectiveAcknowledgementOptionTests {
    /// A TCP header with these options, which are padded.
    private func segment(_ options: [UInt8]) throws -> (bytes: [UInt8], header: TCPHeader) {
        let padded = options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
        var bytes = [UInt8](repeating: 0, count: 20) + padded
        bytes[12] = UInt8(bytes.count / 4) << 4
        return (bytes, try TCPHeader(parsing: bytes.span))
    }

    @Test func `a SYN says that it takes them, wherever among its options`() throws {
        let permitted = [UInt8](capacity: 4) { SelectiveAcknowledgementOption.writePermitted(to: &$0) }
        for options in [permitted, [2, 4, 5, 180] + permitted, [4, 2]] {
            let (bytes, header) = try segment(options)
            let isPermitted = SelectiveAcknowledgementOption.isPermitted(in: bytes.span, header)
            #expect(isPermitted)
        }
    }

    @Test(arguments: [[], [4], [4, 3, 0], [4, 1], [0, 4, 2], [3, 9, 4, 2]] as [[UInt8]])
    func `options that say no such thing, or make no sense, permit none`(options: [UInt8]) throws {
        let (bytes, header) = try segment(options)
        let isPermitted = SelectiveAcknowledgementOption.isPermitted(in: bytes.span, header)
        #expect(!isPermitted)
    }

    @Test(arguments: 0...4) func `blocks are read as they were written`(count: Int) throws {
        let blocks = (0..<UInt32(count)).map {
            SelectiveAcknowledgementOption.Block(start: 0xffff_fff0 &+ 10 * $0, end: 0xffff_fff5 &+ 10 * $0)
        }
        let length = SelectiveAcknowledgementOption.byteCount(ofBlocks: count)
        let (bytes, header) = try segment(
            [UInt8](capacity: length) { SelectiveAcknowledgementOption.write(blocks, to: &$0) })
        #expect(header.headerLength == 20 + length)
        let found = SelectiveAcknowledgementOption.blocks(in: bytes.span, header)
        #expect(found == blocks)
    }

    @Test(
        arguments: [
            ([(110, 120)], 10..<20),
            // The newest first, then others; what comes before the number says that it has come twice (RFC 2883).
            ([(150, 160), (110, 120), (130, 140)], 10..<60), ([(90, 95), (130, 140)], 30..<40),
            // Nothing that can be believed.
            ([(100, 110)], nil), ([(120, 110)], nil), ([(110, 110)], nil), ([(110, 201)], nil), ([], nil),
        ] as [([(UInt32, UInt32)], Range<Int>?)])
    func `what has come behind a gap is the extent of the blocks behind it`(
        blocks: [(UInt32, UInt32)], extent: Range<Int>?
    ) throws {
        // The numbers wrap around.
        for offset: UInt32 in [0, 0xffff_ff8a] {
            let shifted = blocks.map {
                SelectiveAcknowledgementOption.Block(start: $0.0 &+ offset, end: $0.1 &+ offset)
            }
            let length = SelectiveAcknowledgementOption.byteCount(ofBlocks: blocks.count)
            let (bytes, _) = try segment(
                [UInt8](capacity: length) { SelectiveAcknowledgementOption.write(shifted, to: &$0) })
            let found = SelectiveAcknowledgementOption.extent(in: bytes.span, behind: 100 &+ offset, within: 100)
            #expect(found == extent)
        }
    }

    @Test(arguments: [[5, 2], [5, 9, 0, 0, 0, 0, 0, 0, 0], [5, 10, 0, 0]] as [[UInt8]])
    func `blocks that are cut off are none`(options: [UInt8]) throws {
        let (bytes, header) = try segment(options)
        let found = SelectiveAcknowledgementOption.blocks(in: bytes.span, header)
        #expect(found.isEmpty)
    }
}
