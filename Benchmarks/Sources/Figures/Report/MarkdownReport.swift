/// The report for a repository's pages: every table.
package struct MarkdownReport: Sendable {
    package let text: String

    package init(of results: Results) {
        var parts = ["# OpenVmnet beside its peers", Self.preface(results), Self.versions(results)]
        for section in ReportSection.all {
            let measurements = section.measurements.compactMap { results.measurement($0) }.filter { !$0.rows.isEmpty }
            guard !measurements.isEmpty else { continue }
            parts.append("## \(section.title)")
            let findings = section.findings.compactMap { finding in
                results.measurement(finding.measurement).flatMap { Finding(finding.column, of: $0, in: results) }
            }
            if !findings.isEmpty { parts.append(findings.map { "* \($0.sentence)" }.joined(separator: "\n")) }
            for measurement in measurements {
                parts.append("### \(measurement.title)")
                parts.append(measurement.method)
                parts.append(Table(of: measurement, in: results).markdown)
            }
        }
        text = parts.joined(separator: "\n\n") + "\n"
    }

    private static func preface(_ results: Results) -> String {
        """
        \(results.machine.date), \(results.machine.processor), \(results.machine.cores) cores, \
        \(results.kernelPhrase), load \(Number.text(results.machine.loadBefore, decimals: 1)) before the run. \
        \(results.roundsPhrase). Both ends and \
        all that is between them share these cores: ratios travel to other machines, absolute figures do not.
        """
    }

    private static func versions(_ results: Results) -> String {
        let rows = results.paths.map { path in
            let version = path.missing.isEmpty ? path.version : "not installed: \(path.missing.joined(separator: ", "))"
            return "| \(path.title) | \(version) |"
        }
        return (["| path | version |", "|---|---|"] + rows).joined(separator: "\n")
    }
}
