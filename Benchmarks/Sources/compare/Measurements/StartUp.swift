import Figures
import Probes

/// How soon a guest can use the network.
struct StartUp: Measurement {
    let id = "start-up"
    let title = "Start-up"
    let method = """
        From the start of the program until the guest's first datagram has been to the host and back. Configuring the \
        guest's interface is part of it, about ten milliseconds where the program does not do so itself.
        """
    let columns = [Column("usable", "first answer", unit: "ms", isHigherBetter: false, decimals: 0)]
    let expectedSeconds = 0.3

    func suits(_ path: any Path) -> Bool { path.role != .limit }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let guest = try Namespace(guest: path.id)
        let start = monotonicNanoseconds()
        let attachment = try path.attach([guest], mtu: 1500)
        let answer = try withExtendedLifetime((guest, attachment)) {
            try ProbeAnswer("reach", attachment.host, "\(Stage.echoPort)", "5", in: guest, within: 6)
        }
        var readings = Readings()
        readings["usable"] = (try answer.value("at") - Double(start)) / 1e6
        return readings
    }
}
