import Testing
import VmnetSystem

@testable import OpenVmnet

@Suite("A network's thread") struct BusyPollingTests {
    private static let short = Duration.microseconds(30)
    private var polling = BusyPolling()

    private func pollTime(afterBytes byteCount: Int = 60, timeout: Duration? = nil) -> Duration {
        polling.pollTime(afterBytes: byteCount, timeout: timeout)
    }

    private mutating func learn(_ count: Int = BusyPolling.enoughTrust) {
        for _ in 0..<count { polling.note(wait: Self.short, isInVain: false) }
    }

    @Test mutating func `sleeps at once until answers have come soon several times in a row`() {
        #expect(pollTime() == .zero)
        learn(BusyPolling.enoughTrust - 1)
        #expect(pollTime() == .zero)
        learn(1)
        #expect(pollTime() == BusyPolling.longestPoll)
    }

    @Test mutating func `sleeps at once where it stays awake in vain more than every third time`() {
        for _ in 0..<100 {
            learn(2)
            polling.note(wait: BusyPolling.longestPoll + Self.short, isInVain: true)
        }
        #expect(pollTime() == .zero)
        for _ in 0..<100 {
            learn(3)
            polling.note(wait: BusyPolling.longestPoll + Self.short, isInVain: true)
        }
        #expect(pollTime() == BusyPolling.longestPoll)
    }

    @Test mutating func `sleeps at once when packets come with pauses, however busy it was before`() {
        learn(1_000)
        for _ in 0..<3 { polling.note(wait: .milliseconds(1), isInVain: false) }
        #expect(pollTime() == .zero)
    }

    @Test mutating func `sleeps at once after a batch that carried much`() {
        learn()
        #expect(pollTime(afterBytes: BusyPolling.mostBytes + 1) == .zero)
        #expect(pollTime() == BusyPolling.longestPoll)
    }

    @Test mutating func `stays awake no longer than until its next deadline`() {
        learn()
        #expect(pollTime(timeout: .microseconds(10)) == .microseconds(10))
        #expect(pollTime(timeout: .seconds(10)) == BusyPolling.longestPoll)
    }

    @Test mutating func `that stays awake sees what happens, and goes to sleep when nothing does`() throws {
        let epoll = try Epoll()
        let wakeUp = try WakeUp()
        var list = Epoll.EventList()
        try epoll.add(wakeUp.descriptor, .readable, token: 7)
        learn()
        polling.wait(for: &list, on: epoll, timeout: .milliseconds(1), afterBytes: 0)
        #expect(list.count == 0)
        wakeUp.signal()
        learn()
        polling.wait(for: &list, on: epoll, timeout: nil, afterBytes: 0)
        #expect(list.count == 1 && list[0].token == 7)
    }
}
