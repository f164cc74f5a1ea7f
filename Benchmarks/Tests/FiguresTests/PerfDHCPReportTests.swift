import Testing

@testable import Figures

@Suite struct PerfDHCPReportTests {
    @Test func `an exchange is complete with its acknowledgement`() {
        let output = """
            ***Statistics for: DISCOVER-OFFER***
            sent packets: 2000
            received packets: 1999
            ***Statistics for: REQUEST-ACK***
            sent packets: 1999
            received packets: 1998
            """
        #expect(PerfDHCPReport(parsing: output)?.exchanges == 1998)
    }

    @Test func `without statistics there is no result`() {
        #expect(PerfDHCPReport(parsing: "interface eth0 not found") == nil)
    }
}
