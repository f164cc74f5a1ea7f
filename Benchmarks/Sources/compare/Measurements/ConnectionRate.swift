import Figures

/// How many connections a second a guest can make.
struct ConnectionRate: Measurement {
    let id = "connections"
    let title = "New connections"
    let method = """
        A client in the guest keeps 64 connections to an echo server on the host in the making for half a second: each is \
        made, carries one octet there and back, and is closed. MTU 1500.
        """
    let columns = [
        Column("completed", "completed", unit: "/s", isHigherBetter: true, decimals: 0),
        Column("failed", "failed", unit: "/s", isHigherBetter: false, decimals: 0),
    ]
    let expectedSeconds = 0.6

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let seat = try bench.seat(path, mtu: 1500)
        let answer = try ProbeAnswer(
            "connections", seat.attachment.host, "\(Stage.echoPort)", "0.5", "64", in: seat.guest, within: 10)
        var readings = Readings()
        readings["completed"] = try answer.value("completed")
        readings["failed"] = try answer.value("failed")
        return readings
    }
}
