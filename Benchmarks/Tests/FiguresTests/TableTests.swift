import Testing

@testable import Figures

@Suite struct TableTests {
    private let table = Table(of: Sample.measurement, in: Sample.results)

    @Test func `a cell has the median, and the spread when there is one`() {
        #expect(table.rows[0] == ["Ours <TAP>", "5.00 (4.00–6.00)", "–"])
        #expect(table.rows[1] == ["Peer", "2.00", "–"])
    }

    @Test func `a path that failed altogether says so once`() {
        #expect(table.rows[2] == ["Broken", "failed: no | route", ""])
    }

    @Test func `a path that is not installed has no row`() {
        #expect(table.rows.map(\.[0]) == ["Ours <TAP>", "Peer", "Broken", "loopback"])
    }

    @Test func `a bar in a text does not end the cell of a Markdown table`() {
        #expect(table.markdown.contains(#"failed: no \| route"#))
        #expect(table.markdown.hasPrefix("| path | up, 1 stream, Gbit/s | down, 1 stream, Gbit/s |\n|---|---:|---:|\n"))
    }
}
