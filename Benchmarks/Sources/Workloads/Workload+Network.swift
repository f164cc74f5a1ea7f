import Logging
import OpenVmnet
import VmnetSystem

extension Workload {
    static let networkFrame = Workload(
        "network.frame", "a full TCP segment from one guest of a network to another, alone"
    ) {
        try exchange(frames: 1)
    }

    static let networkBatch = Workload("network.batch", "32 full TCP segments from one guest of a network to another") {
        try exchange(frames: 32)
    }

    static let networkLocked = Workload(
        "network.locked", "a full TCP segment from one guest to another, on a network with locked leases"
    ) {
        let loop = Loop(
            try network(
                "vmnet-shared,start-address=192.168.64.1,end-address=192.168.64.254,subnet-mask=255.255.255.0",
                locksLeases: true))
        let sender = try loop.attach(1, sending: 1, to: 2)
        let receiver = try loop.attach(2, sending: 1, to: 1)
        // Whose lease the switch has heard of it knows.
        for (number, end) in [(1, sender), (2, receiver)] as [(UInt32, GuestEnd)] {
            try end.exchange(Station.leaseRequest(from: number)) { loop.turn() }
        }
        return repeating {
            try sender.send()
            loop.turn()
            try receiver.receive(sender.batchByteCount)
        }
    }

    private static func network(_ netdev: String = "vmnet-shared", locksLeases: Bool = false) throws -> Network {
        var options = NetworkOptions()
        try options.add(netdev: netdev)
        return try Network(
            configuration: NetworkConfiguration(options: options, locksLeases: locksLeases, allowsUsedSubnet: true),
            stateDirectory: nil, logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func exchange(frames: Int) throws -> (_ count: Int) -> Void {
        let loop = Loop(try network())
        let sender = try loop.attach(1, sending: frames, to: 2)
        let receiver = try loop.attach(2, sending: frames, to: 1)
        func exchange(from one: GuestEnd, to other: GuestEnd) throws {
            try one.send()
            loop.turn()
            try other.receive(one.batchByteCount)
        }
        // The first frames go to everybody, and that is the other one; from then on the switch knows both.
        try exchange(from: sender, to: receiver)
        try exchange(from: receiver, to: sender)
        return repeating { try exchange(from: sender, to: receiver) }
    }
}

/// A network on the thread that measures.
private final class Loop {
    private let network: Network
    private var events = Epoll.EventList()

    init(_ network: Network) {
        self.network = network
    }

    func attach(_ number: UInt32, sending frames: Int, to other: UInt32) throws -> GuestEnd {
        let pair = try Socket.pair(.stream)
        let (first, second) = (pair.first.release(), pair.second.release())
        try network.attach(Descriptor(owning: first), origin: "benchmark")
        // What attaching wakes the loop for is no part of a batch.
        turn()
        return GuestEnd(
            BlockingSocket(Descriptor(owning: second)),
            sending: Station.segments(frames, from: Station.number(number), to: Station.number(other)))
    }

    func turn() {
        _ = network.turn(&events, timeout: .zero)
    }
}
