import Glibc
import Testing
import VmnetSystem

@Suite struct WakeUpTests {
    @Test func `any number of signals is one wake-up`() throws {
        let wakeUp = try WakeUp()
        let epoll = try Epoll()
        try epoll.add(wakeUp.descriptor, .readable, token: 7)
        var events = Epoll.EventList()
        for _ in 0..<3 { wakeUp.signal() }
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 1)
        wakeUp.consume()
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 0)
    }

    @Test func `consuming without a signal does not block`() throws {
        let wakeUp = try WakeUp()
        wakeUp.consume()
    }
}
