import Glibc
import OpenVmnet
import Testing
import VmnetTesting
import VmnetWire

@Suite struct InterfaceEventTests {
    private let network: Network
    private let sender: Interface
    private let receiver: Interface
    private let frame: [UInt8]

    init() throws {
        network = try runningNetwork()
        sender = try network.makeInterface()
        receiver = try network.makeInterface()
        frame = sender.builder().ethernet(.ipv6, payload: [1, 2, 3])
    }

    private func send(_ count: Int = 1) throws {
        try sender.send([[UInt8]](repeating: frame, count: count))
    }

    @Test func `an event comes with the packets, on the writer's thread`() throws {
        let events = Recorder<Int>()
        receiver.setEventHandler { events.add($0) }
        try send(3)
        #expect(events.values.first == 3)
        #expect(try receiver.take().count == 3)
    }

    @Test func `unread packets are told of again and again, until they are read`() async throws {
        let events = Recorder<Int>()
        receiver.setEventHandler { events.add($0) }
        try send(2)
        #expect(try await events.wait { $0.count > 3 })
        #expect(events.values.allSatisfy { $0 == 2 })
        #expect(try receiver.take().count == 2)
        let count = events.values.count
        try await Task.sleep(for: .milliseconds(50))
        #expect(events.values.count <= count + 1)
    }

    @Test func `a read that leaves packets is followed by an event`() throws {
        let events = Recorder<Int>()
        try send(5)
        receiver.setEventHandler { events.add($0) }
        _ = try receiver.take(2)
        #expect(events.values.contains(3))
    }

    @Test func `a handler that takes one packet an event gets them all`() async throws {
        let events = Recorder<Int>()
        receiver.setEventHandler { [weak receiver] count in
            let packets = try? receiver?.take(1)
            events.add(packets?.count == 1 ? count : 0)
        }
        try send(200)
        #expect(try await events.wait { $0.count >= 200 })
        #expect(events.values == Array((1...200).reversed()))
        #expect(receiver.waitingPacketCount == 0)
    }

    @Test func `a handler that is set while packets wait is called`() async throws {
        try send(4)
        let events = Recorder<Int>()
        receiver.setEventHandler { events.add($0) }
        #expect(try await events.wait { $0.contains(4) })
    }

    @Test func `a handler may take itself away`() async throws {
        let events = Recorder<Int>()
        receiver.setEventHandler { [weak receiver] count in
            receiver?.setEventHandler(nil)
            events.add(count)
        }
        try send()
        try send()
        try await Task.sleep(for: .milliseconds(30))
        #expect(events.values == [1])
    }

    @Test func `no call begins after the handler was taken away or the interface stopped`() async throws {
        let (network, frame) = (network, frame)
        for round in 0..<200 {
            let receiver = try network.makeInterface()
            let isOver = Recorder<Bool>()
            let wrong = Recorder<Int>()
            let writer = Task.detached { [sender] in
                for _ in 0..<20 { try sender.send([frame]) }
            }
            receiver.setEventHandler { count in
                if !isOver.values.isEmpty { wrong.add(count) }
            }
            if round % 2 == 0 { receiver.setEventHandler(nil) } else { receiver.stop() }
            isOver.add(true)
            try await writer.value
            #expect(wrong.values == [])
        }
    }

    @Test func `the descriptor is readable while packets wait`() throws {
        try send()
        let descriptor = try receiver.descriptor
        #expect(isReadable(descriptor))
        _ = try receiver.take()
        #expect(!isReadable(descriptor))
        try send(2)
        #expect(isReadable(descriptor))
        _ = try receiver.take(1)
        #expect(isReadable(descriptor))
        _ = try receiver.take(1)
        #expect(!isReadable(descriptor))
        #expect(try receiver.descriptor == descriptor)
    }

    @Test func `events are a sequence, which ends with the interface`() async throws {
        let (receiver, sender, frame) = (receiver, sender, frame)
        let reader = Task {
            var count = 0
            for await _ in receiver.events {
                count += try receiver.take().count
                if count == 50 { receiver.stop() }
            }
            return count
        }
        for _ in 0..<50 {
            try sender.send([frame])
            await Task.yield()
        }
        #expect(try await reader.value == 50)
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one request, of this call's own.
        return unsafe poll(&request, 1, 0) == 1
    }
}
