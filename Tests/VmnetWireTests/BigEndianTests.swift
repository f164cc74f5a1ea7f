import Testing
import VmnetTesting
import VmnetWire

@Suite struct BigEndianTests {
    private let bytes = [UInt8](hex: "00 01 02 03 04 05 06 07 88 99")

    @Test func `words are read from any offset in network order`() {
        let span = bytes.span
        #expect(span.be16(at: 0) == 0x0001)
        #expect(span.be16(at: 8) == 0x8899)
        #expect(span.be32(at: 1) == 0x0102_0304)
        #expect(span.be32(at: 6) == 0x0607_8899)
        #expect(span.be48(at: 3) == 0x0304_0506_0788)
        #expect(span.be64(at: 2) == 0x0203_0405_0607_8899)
        #expect(span.le16(at: 8) == 0x9988)
    }

    @Test func `what is written is what is read`() {
        let written = [UInt8](capacity: 22) {
            $0.append(be16: 0x8899)
            $0.append(be32: 0x0607_8899)
            $0.append(be48: 0xffff_0304_0506_0788)
            $0.append(be64: 0x0203_0405_0607_8899)
            $0.append(le16: 0x9988)
        }
        #expect(written.hex == "88 99 06 07 88 99 03 04 05 06 07 88 02 03 04 05 06 07 88 99 88 99")
    }

    @Test func `bytes are appended after what is there`() {
        let written = [UInt8](capacity: 20) {
            $0.append(bytes.span)
            $0.append(7)
            $0.append(bytes.span.extracting(0..<0))
            $0.append(bytes.span.extracting(8..<10))
        }
        #expect(written == bytes + [7, 0x88, 0x99])
    }

    @Test func `a copy has the bytes it was lent`() {
        #expect([UInt8](copying: bytes.span) == bytes)
        #expect([UInt8](copying: bytes.span.extracting(4..<6)) == [4, 5])
        #expect([UInt8](copying: bytes.span.extracting(3..<3)).isEmpty)
    }

    @Test func `reading past the end stops the process`() async {
        await #expect(processExitsWith: .failure) { _ = [UInt8](repeating: 0, count: 3).span.be32(at: 0) }
        await #expect(processExitsWith: .failure) { _ = [UInt8](repeating: 0, count: 9).span.be64(at: 2) }
        await #expect(processExitsWith: .failure) { _ = [UInt8](repeating: 0, count: 9).span.be16(at: -1) }
    }

    @Test func `writing past the capacity stops the process`() async {
        await #expect(processExitsWith: .failure) { _ = [UInt8](capacity: 3) { $0.append(be32: 0) } }
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8](repeating: 0, count: 4)
            _ = [UInt8](capacity: 5) {
                $0.append(be16: 0)
                $0.append(bytes.span)
            }
        }
    }
}
