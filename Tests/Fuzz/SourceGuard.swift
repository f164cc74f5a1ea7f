import VmnetNAT
import VmnetSwitch
import VmnetWire

@testable import OpenVmnet

extension FuzzTarget {
    /// Whatever a guest sends, a frame that passes has its own station's address, says an IPv6 address that is its own,
    /// and leaves the guard no larger.
    static let sourceGuard = FuzzTarget(name: "source-guard") { bytes in
        guard let prefix = IPv6Address("fd00:64::"), let header = try? EthernetHeader(parsing: bytes) else { return }
        let gateway = MACAddress(bits: 0x5255_c0a8_4001)
        var sources = SourceGuard(gateway: gateway, addresses6: GatewayAddresses6(prefix: prefix))
        let (one, two) = (PortID(rawValue: 1), PortID(rawValue: 2))
        let judgement = sources.judge(bytes, header, from: one)
        require(sources.addressOwners.count <= 2, "\(sources.addressOwners.count) addresses of one frame")
        switch judgement {
        case .pass: require(!header.source.isMulticast && header.source != gateway, "\(header)")
        case .passIfLeased(_, let station): require(station == header.source, "\(header)")
        case .drop: break
        }
        // The same again is no news; from another port it is a lie.
        require(sources.judge(bytes, header, from: one) == judgement, "\(judgement)")
        if judgement != .drop(.badSource) {
            require(sources.judge(bytes, header, from: two) == .drop(.spoofed), "\(header)")
        }
    }
}
