import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct SignalDescriptorTests {
    // In a process of its own: the mask is this thread's, but a signal is the process's.
    @Test func `signals are read one by one instead of ending the process`() async {
        await #expect(processExitsWith: .success) {
            let signals = try SignalDescriptor([SIGTERM, SIGHUP])
            let epoll = try Epoll()
            try epoll.add(signals.descriptor, .readable, token: 1)
            #expect(signals.next() == nil)
            // To this thread: those of the test runner have not blocked them.
            #expect(pthread_kill(pthread_self(), SIGTERM) == 0)
            #expect(pthread_kill(pthread_self(), SIGHUP) == 0)
            #expect(pthread_kill(pthread_self(), SIGTERM) == 0)
            var events = Epoll.EventList()
            try epoll.wait(into: &events, timeout: .zero)
            #expect(events.count == 1)
            let first = signals.next()
            let second = signals.next()
            #expect([first, second].compactMap(\.self).sorted() == [SIGHUP, SIGTERM])
            #expect(signals.next() == nil)
        }
    }

    @Test func `a broken pipe is an error once the signal is ignored`() async {
        await #expect(processExitsWith: .success) {
            SignalDescriptor.ignoreBrokenPipe()
            var ends: [Int32] = [0, 0]
            // Safety: two numbers are written into an array of two.
            #expect(unsafe pipe(&ends) == 0)
            close(ends[0])
            let writer = Descriptor(owning: ends[1])
            let byte: [UInt8] = [1]
            let written = writer.write(byte.span)
            #expect(written == .failed(.brokenPipe))
        }
    }
}
