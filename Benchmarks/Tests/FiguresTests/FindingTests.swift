import Testing

@testable import Figures

@Suite struct FindingTests {
    @Test func `the best of ours is compared with the best peer, not with a limit`() {
        let finding = Finding("up-1", of: Sample.measurement, in: Sample.results)
        #expect(
            finding?.sentence
                == "TCP, up, 1 stream: Ours <TAP> 5.00 Gbit/s, 2.5 times the best other (Peer, 2.00 Gbit/s).")
    }

    @Test func `where nothing was measured there is nothing to say`() {
        #expect(Finding("down-1", of: Sample.measurement, in: Sample.results) == nil)
    }
}
