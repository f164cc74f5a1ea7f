import Testing

@testable import Figures

@Suite struct ChartTests {
    @Test func `bars show ours and peers, and a note below them the limits`() throws {
        let chart = try #require(Chart(ReportSection.headline, of: Sample.results))
        #expect(chart.script.contains("\"Ours <TAP>\" 0"))
        #expect(!chart.script.contains("loopback"))
        #expect(LimitNote(ReportSection.headline, of: Sample.results)?.text == "Limits: loopback 1,234.50.")
    }

    @Test func `without figures there is no chart`() {
        let figure = ReportSection.Figure(title: "", measurement: "tcp-9000", columns: ["up-1"], kind: .bars)
        #expect(Chart(figure, of: Sample.results) == nil)
    }

    @Test func `a quotation mark in a title does not end the string`() {
        #expect(Chart.quoted(#"a "b" \ c"#) == #""a \"b\" \\ c""#)
    }

    @Test func `labels that would cover each other are moved apart`() {
        #expect(CurveDrawing.spreadApart([5, 1, 1.1, 9], distance: 1) == [5, 1, 2, 9])
    }

    @Test func `drawn colours become variables, however gnuplot writes them`() {
        let drawn = "<?xml?>\n<svg width='1'>\n<path fill='rgb(  1,   2,   3)'/><text fill='rgb(17,18,19)'/></svg>"
        let svg = ThemedSVG(drawn)
        #expect(svg.inline.hasPrefix("<svg"))
        #expect(svg.inline.contains("fill='var(--ink)'"))
        #expect(svg.inline.contains("fill='var(--muted)'"))
        #expect(svg.standalone.contains("prefers-color-scheme:dark"))
    }
}
