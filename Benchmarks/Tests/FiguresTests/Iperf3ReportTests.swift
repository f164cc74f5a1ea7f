import Testing

@testable import Figures

@Suite struct Iperf3ReportTests {
    @Test func `TCP counts what the receiver got`() throws {
        let report = try Iperf3Report(
            parsing: """
                {"start": {}, "intervals": [], "end": {
                  "sum_sent": {"bytes": 200, "bits_per_second": 1600.0, "retransmits": 3, "sender": true},
                  "sum_received": {"bytes": 100, "bits_per_second": 800.5, "sender": true}}}
                """)
        #expect(report.received.bytes == 100)
        #expect(report.received.bitsPerSecond == 800.5)
        #expect(report.lostPercent == 0)
    }

    @Test func `UDP counts what arrived, and says what was lost`() throws {
        let report = try Iperf3Report(
            parsing: """
                {"end": {
                  "sum": {"bytes": 100, "bits_per_second": 800, "lost_packets": 1, "packets": 4, "lost_percent": 25},
                  "sum_sent": {"bytes": 100, "bits_per_second": 800, "lost_percent": 0},
                  "sum_received": {"bytes": 75, "bits_per_second": 600, "lost_percent": 25}}}
                """)
        #expect(report.received.bytes == 75)
        #expect(report.lostPercent == 25)
    }

    @Test func `a refusal is in the words of iperf3`() {
        #expect {
            try Iperf3Report(parsing: #"{"start": {}, "end": {}, "error": "unable to connect to server"}"#)
        } throws: {
            "\($0)" == "unable to connect to server"
        }
    }

    @Test func `an end without totals is no result`() {
        #expect(throws: Iperf3Report.Refusal.self) { try Iperf3Report(parsing: #"{"end": {}}"#) }
    }
}
