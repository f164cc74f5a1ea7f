import Glibc
import SystemPackage
import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting

@Suite struct ListenerTests {
    let directory = TemporaryDirectory()

    private func listen(_ kind: SocketKind, notice: @escaping (String) -> Void = { _ in }) throws -> Listener {
        try Listener(
            try BoundSocket(kind, path: directory.file("net")), buffers: TransportBuffers(), notice: notice)
    }

    @Test func `any number of guests connect to a stream path, each a port of its own`() throws {
        let listener = try listen(.stream)
        let guests = try (0..<5).map { _ in GuestEnd(try Socket.connect(.stream, to: listener.path)) }
        #expect(try readiness(listener.descriptor, .readable) == .readable)
        var ports: [any Transport] = []
        listener.accept { ports.append($0) }
        #expect(ports.count == 5)
        #expect(try readiness(listener.descriptor, .readable) == [])
        for (seed, guest) in guests.enumerated() { #expect(guest.send(encode([frame(60, seed)]))) }
        #expect(ports.map { $0.receiveAll().frames } == (0..<5).map { [frame(60, $0)] })
        for (seed, port) in ports.enumerated() {
            #expect(port.put(frame(70, seed)) == nil)
            port.flush()
        }
        #expect(guests.map { $0.receive() } == (0..<5).map { encode([frame(70, $0)]) })
    }

    @Test func `any number of guests connect to a record path`() throws {
        let listener = try listen(.seqpacket)
        let guests = try (0..<3).map { _ in GuestEnd(try Socket.connect(.seqpacket, to: listener.path)) }
        var ports: [any Transport] = []
        listener.accept { ports.append($0) }
        for (seed, guest) in guests.enumerated() { #expect(guest.send(frame(60, seed))) }
        #expect(ports.map { $0.receiveAll().frames } == (0..<3).map { [frame(60, $0)] })
    }

    @Test func `at most the limit is accepted at once`() throws {
        let listener = try listen(.stream)
        let guests = try (0..<5).map { _ in GuestEnd(try Socket.connect(.stream, to: listener.path)) }
        var counts: [Int] = []
        for _ in 0..<4 {
            var count = 0
            listener.accept(limit: 2) { _ in count += 1 }
            counts.append(count)
        }
        #expect(counts == [2, 2, 1, 0])
        withExtendedLifetime(guests) {}
    }

    @Test func `a guest that has gone before it was accepted is a port that is closed`() throws {
        let listener = try listen(.stream)
        GuestEnd(try Socket.connect(.stream, to: listener.path)).close()
        var ports: [any Transport] = []
        listener.accept { ports.append($0) }
        let port = try #require(ports.first)
        // A program that another test starts at this moment has a copy of the guest's end until it runs.
        let limit = ContinuousClock.now + .seconds(30)
        var outcome = port.receiveAll().outcome
        while outcome == .drained, ContinuousClock.now < limit { outcome = port.receiveAll().outcome }
        #expect(outcome == .closed(reason: "the guest closed the connection"))
    }

    @Test func `without descriptors a guest is turned away at once, and later ones are served again`() async {
        // In a process of its own, since the limit is that of the process.
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            var notices: [String] = []
            let listener = try Listener(
                try BoundSocket(.stream, path: directory.file("net")), buffers: TransportBuffers(),
                notice: { notices.append($0) })
            let guests = try (0..<3).map { _ in GuestEnd(try Socket.connect(.stream, to: listener.path)) }
            let hoard = try Hoard()
            var ports: [any Transport] = []
            listener.accept { ports.append($0) }
            #expect(ports.isEmpty)
            #expect(!listener.isPaused)
            // Each sees the end of its connection, and nothing waits that would keep the loop busy.
            #expect(guests.map { $0.receive() } == [[], [], []])
            #expect(hoard.poll(listener.descriptor) == 0)
            #expect(
                notices == [
                    "\(listener.path): a guest was turned away: cannot accept a connection: Too many open files"
                ])

            hoard.release()
            let late = GuestEnd(try Socket.connect(.stream, to: listener.path))
            listener.accept { ports.append($0) }
            #expect(ports.count == 1)
            #expect(late.send(encode([frame(60, 1)])))
            #expect(ports[0].receiveAll() == ([frame(60, 1)], .drained))
        }
    }

    @Test func `a thousand guests that come and go leave nothing behind`() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let buffers = TransportBuffers()
            let stream = try Listener(
                try BoundSocket(.stream, path: directory.file("stream")), buffers: buffers, notice: { _ in })
            let bess = try Listener(
                try BoundSocket(.seqpacket, path: directory.file("bess")), buffers: buffers, notice: { _ in })
            func comeAndGo(_ count: Int) throws {
                for number in 0..<count {
                    let listener = number % 2 == 0 ? stream : bess
                    let kind: SocketKind = number % 2 == 0 ? .stream : .seqpacket
                    let guest = GuestEnd(try Socket.connect(kind, to: listener.path))
                    // Some leave in the middle of a long frame, some without reading what they were sent.
                    guest.send(Array(encode([frame(60_000, number)]).prefix(number * 50 % 60_000)))
                    listener.accept { port in
                        _ = port.receiveAll()
                        for seed in 0..<200 where number % 7 == 0 { _ = port.put(frame(1514, seed)) }
                        port.flush()
                        guest.close()
                        var last = ReceiveOutcome.drained
                        for _ in 0..<3 { last = port.receiveAll().outcome }
                        #expect(last != .drained)
                    }
                }
            }
            try comeAndGo(100)
            let descriptors = ProcessUse.descriptorCount
            let resident = ProcessUse.residentByteCount
            try comeAndGo(1000)
            #expect(ProcessUse.descriptorCount == descriptors)
            #expect(ProcessUse.residentByteCount < resident + (2 << 20))
        }
    }
}

/// Every descriptor that the process may still have.
private final class Hoard {
    private var taken: [Int32] = []

    init() throws {
        var limit = rlimit()
        // Safety: the kernel reads and fills one structure.
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = 256
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        while true {
            let raw = dup(0)
            guard raw >= 0 else { break }
            taken.append(raw)
        }
        try #require(!taken.isEmpty)
    }

    func release() {
        for raw in taken { close(raw) }
        taken = []
    }

    /// What `raw` is ready to read, without a descriptor for an epoll set.
    func poll(_ raw: Int32) -> Int32 {
        var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        // Safety: one entry.
        return unsafe Glibc.poll(&entry, 1, 0)
    }
}

/// What this process uses, from /proc.
enum ProcessUse {
    static var descriptorCount: Int {
        (0..<1024).count { Descriptor.isOpen($0) }
    }

    static var residentByteCount: Int {
        let contents = (try? File.read("/proc/self/statm", maximumByteCount: 4096)) ?? nil
        let fields = String(decoding: contents ?? [], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
