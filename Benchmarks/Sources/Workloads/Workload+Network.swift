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

    private static func exchange(frames: Int) throws -> (_ count: Int) -> Void {
        let network = try Network(
            configuration: NetworkConfiguration(), stateDirectory: nil,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let loop = Loop(network)
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
