import Testing
import VmnetWire

@Suite struct MaximumSegmentSizeOptionTests {
    /// Where the value lies in a header with these options, from the header's start on.
    private func offset(_ options: [UInt8]) throws -> Int? {
        var segment = [UInt8](repeating: 0, count: 20) + options
        segment[12] = UInt8((20 + options.count) / 4) << 4
        return MaximumSegmentSizeOption.offset(in: segment.span, try TCPHeader(parsing: segment.span))
    }

    @Test func `the option is found, whatever comes before it`() throws {
        #expect(try offset([2, 4, 0x05, 0xb4]) == 22)
        #expect(try offset([1, 1, 1, 2, 4, 0x05, 0xb4, 0]) == 25)
        // SACK permitted, window scale
        #expect(try offset([4, 2, 3, 3, 7, 1, 2, 4, 0x05, 0xb4, 0, 0]) == 28)
    }

    @Test(arguments: [
        [], [1, 1, 1, 1], [0, 2, 4, 5], [2, 3, 5, 0], [2, 0, 0, 0], [1, 2, 4, 5], [9, 0, 0, 0], [9, 1, 2, 4],
        [1, 1, 1, 9], [1, 1, 1, 2], [9, 40, 2, 4, 5, 6, 0, 0],
    ])
    func `without it, or behind nonsense, there is none`(options: [UInt8]) throws {
        #expect(try offset(options) == nil)
    }
}
