/// The report for a person: one file, with its charts in it.
package struct HTMLReport: Sendable {
    package let text: String

    /// - Parameter charts: what was drawn, by the figures' titles.
    package init(of results: Results, charts: [String: ThemedSVG]) {
        let sections = ReportSection.all.compactMap { Self.section($0, results, charts) }
        text = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>OpenVmnet beside its peers</title>
            <style>\(Palette.style)\(Self.style)</style>
            <main>
            <header>
            <h1>OpenVmnet beside its peers</h1>
            <p class="facts">\(Self.escaped(Self.facts(results)))</p>
            <p class="key"><span class="ours"></span>OpenVmnet <span class="peer"></span>peers \
            <span class="limit"></span>limits: the kernel alone, set up by root \
            <i></i>least to greatest of the rounds</p>
            </header>
            \(sections.joined(separator: "\n"))
            <section><h2>Versions</h2>\(Self.versions(results))</section>
            </main>
            </html>

            """
    }

    private static func section(
        _ section: ReportSection, _ results: Results, _ charts: [String: ThemedSVG]
    ) -> String? {
        let figures = section.figures.compactMap { figure in
            charts[figure.title].map { chart in
                let note = LimitNote(figure, of: results).map { "<p class=\"method\">\(escaped($0.text))</p>" } ?? ""
                return "<figure><figcaption>\(escaped(figure.title))</figcaption>\(chart.inline)\(note)</figure>"
            }
        }
        let measurements = section.measurements.compactMap { results.measurement($0) }.filter { !$0.rows.isEmpty }
        guard !figures.isEmpty || !measurements.isEmpty else { return nil }
        let findings = section.findings.compactMap { finding in
            results.measurement(finding.measurement).flatMap { Finding(finding.column, of: $0, in: results) }
        }
        let tables = measurements.enumerated().map { place, measurement in
            // What has been said of the one before need not be said again.
            let isKnown = place > 0 && measurements[place - 1].method == measurement.method
            let method = isKnown ? "" : "<p class=\"method\">\(escaped(measurement.method))</p>"
            return """
                <h3>\(escaped(measurement.title))</h3>\(method)
                <div class="wide">\(table(Table(of: measurement, in: results)))</div>
                """
        }
        return """
            <section><h2>\(escaped(section.title))</h2>
            <p class="finding">\(findings.map { escaped($0.sentence) }.joined(separator: " "))</p>
            <div class="figures">\(figures.joined(separator: "\n"))</div>
            \(tables.joined(separator: "\n"))</section>
            """
    }

    private static func table(_ table: Table) -> String {
        let row = { (cells: [String], tag: String) in
            // A row that has nothing but one failure.
            if cells.count > 2, cells[2...].allSatisfy(\.isEmpty) {
                return "<tr><td>\(escaped(cells[0]))</td><td class=\"failed\" colspan=\"\(cells.count - 1)\">"
                    + "\(escaped(cells[1]))</td></tr>"
            }
            return "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
        }
        return "<table>" + row(table.header, "th") + table.rows.map { row($0, "td") }.joined(separator: "\n")
            + "</table>"
    }

    private static func versions(_ results: Results) -> String {
        let rows = results.paths.map { path in
            let version = path.missing.isEmpty ? path.version : "not installed: \(path.missing.joined(separator: ", "))"
            return "<tr><td>\(escaped(path.title))</td><td>\(escaped(version))</td></tr>"
        }
        return "<table class=\"versions\">" + rows.joined() + "</table>"
    }

    private static func facts(_ results: Results) -> String {
        """
        \(results.machine.processor), \(results.machine.cores) cores, \(results.kernelPhrase), \
        \(results.machine.date.prefix(10)). \(results.roundsPhrase), in \(minutes(results.seconds)) minutes; load \(Number.text(results.machine.loadBefore, decimals: 1)) before. \
        Both ends and all between them share these cores: ratios travel to other machines, absolute figures do not.
        """
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static let style = """

        :root{color-scheme:light dark;--paper:#fff}
        @media (prefers-color-scheme:dark){:root{--paper:#15181c}}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 \(ThemedSVG.type)}
        main{max-width:70rem;margin:0 auto;padding:3.5rem 1.25rem 6rem}
        h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .75rem}
        h2{font-size:1.35rem;letter-spacing:-.01em;margin:3.5rem 0 .5rem;padding-top:1.25rem;border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:2rem 0 .25rem}
        p{margin:.25rem 0 1rem}
        .facts,.method{color:var(--muted);font-size:.875rem}
        .key{font-size:.875rem}.key span{display:inline-block;width:.8em;height:.8em;margin:0 .4em 0 1em}
        .key i{display:inline-block;width:1.6em;margin:.3em .4em .3em 1em;border-top:1px solid var(--ink)}
        .key span:first-child{margin-left:0}
        .key .ours{background:var(--ours)}.key .peer{background:var(--peer)}.key .limit{background:var(--limit)}
        header p,section>p{max-width:46rem}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(30rem,100%),1fr));gap:2.5rem 3rem;margin:2rem 0}
        figure{margin:0}figure .method{margin:.5rem 0 0}figcaption{font-weight:600;font-size:.9375rem;margin-bottom:.4rem}
        svg{display:block;width:100%;height:auto}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.8125rem;font-variant-numeric:tabular-nums}
        th{font-weight:600;text-align:right;vertical-align:bottom;color:var(--muted)}
        td{text-align:right;white-space:nowrap}
        th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line)}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        td.failed{color:var(--muted);text-align:left}
        .versions td{text-align:left}
        """
}
