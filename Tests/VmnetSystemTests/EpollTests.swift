import SystemPackage
import Testing
import VmnetSystem

@Suite struct EpollTests {
    @Test func `an event carries the token that its descriptor was added with`() throws {
        let epoll = try Epoll()
        let wakeUp = try WakeUp()
        try epoll.add(wakeUp.descriptor, .readable, token: .max)
        var events = Epoll.EventList(capacity: 4)
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 0)

        wakeUp.signal()
        try epoll.wait(into: &events, timeout: nil)
        #expect(events.count == 1)
        #expect(events[0] == Epoll.Event(events: .readable, token: .max))
    }

    @Test func `a set is readable in another set while something in it is ready`() throws {
        let inner = try Epoll()
        let outer = try Epoll()
        let wakeUp = try WakeUp()
        try inner.add(wakeUp.descriptor, .readable, token: 1)
        try outer.add(inner.descriptor, .readable, token: 2)
        var events = Epoll.EventList()
        wakeUp.signal()
        try outer.wait(into: &events, timeout: nil)
        #expect(events.count == 1)
        #expect(events[0].token == 2)
        try inner.wait(into: &events, timeout: .zero)
        #expect(events[0].token == 1)
        wakeUp.consume()
        try outer.wait(into: &events, timeout: .zero)
        #expect(events.count == 0)
    }

    @Test func `a change of mask and token takes effect, a removed descriptor is silent`() throws {
        let epoll = try Epoll()
        let wakeUp = try WakeUp()
        try epoll.add(wakeUp.descriptor, .readable, token: 1)
        var events = Epoll.EventList()
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 0)
        try epoll.modify(wakeUp.descriptor, .writable, token: 2)
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 1)
        #expect(events[0].token == 2)
        try epoll.remove(wakeUp.descriptor)
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 0)
    }

    @Test func `a short list takes the rest with the next wait`() throws {
        let epoll = try Epoll()
        let first = try WakeUp()
        let second = try WakeUp()
        try epoll.add(first.descriptor, .writable, token: 1)
        try epoll.add(second.descriptor, .writable, token: 2)
        var events = Epoll.EventList(capacity: 1)
        var seen: Set<UInt64> = []
        for _ in 0..<2 {
            try epoll.wait(into: &events, timeout: .zero)
            #expect(events.count == 1)
            seen.insert(events[0].token)
        }
        #expect(seen == [1, 2])
    }

    @Test(arguments: [Duration.nanoseconds(1), .microseconds(1500), .milliseconds(3)])
    func `a wait lasts at least its timeout`(timeout: Duration) throws {
        let epoll = try Epoll()
        var events = Epoll.EventList()
        let start = ContinuousClock.now
        try epoll.wait(into: &events, timeout: timeout)
        #expect(ContinuousClock.now - start >= timeout)
        #expect(events.count == 0)
    }

    @Test func `what cannot be watched is named in the error`() throws {
        let epoll = try Epoll()
        #expect(throws: SystemError("add descriptor 1000000 to an epoll set", .badFileDescriptor)) {
            try epoll.add(1_000_000, .readable, token: 0)
        }
    }
}
