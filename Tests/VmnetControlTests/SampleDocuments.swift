@testable import VmnetControl

extension StatusDocument {
    /// A network with a guest.
    static let sample = StatusDocument(
        name: "lab", mode: "shared", pid: 42, started: 1_800_000_000, listen: ["stream:/run/vm.sock"],
        control: "/run/lab.control", attach: "/run/lab.attach", startAddress: "192.168.64.1",
        endAddress: "192.168.64.254", subnetMask: "255.255.255.0", subnet: "192.168.64.0/24", nat66Prefix: nil,
        mtu: 1500, guests: 1, leases: 1, forwardingEntries: 1, traffic: .sample, ports: [.sample],
        forwards: [.sample])
}

extension PortDocument {
    static let sample = PortDocument(
        id: "1", uuid: "F41887BE-0A59-8063-81D2-53AA12BC5BF3", transport: "stream:/run/vm.sock", isolated: false,
        macs: ["02:00:00:00:00:01"], addresses: ["192.168.64.2"], name: "debian", traffic: .sample,
        queue: Queue(frames: 2, bytes: 3036), nat: NAT(flows: 4, openedFlows: 5, refusals: 6, refusedByPort: 7))
}

extension TrafficDocument {
    static let sample = TrafficDocument(
        receivedFrames: 5, receivedBytes: 950, sentFrames: 2, sentBytes: 684,
        dropped: ["bad_source": 0, "queue_full": 3])
}

extension ForwardDocument {
    static let sample = ForwardDocument(
        forward: "tcp:127.0.0.1:8080:80", guest: "192.168.64.2", openConnections: 1, acceptedConnections: 2,
        refusedConnections: 3, receivedDatagrams: 0, sentDatagrams: 0)
}
