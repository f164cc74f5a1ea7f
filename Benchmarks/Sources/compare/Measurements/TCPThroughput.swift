import Figures

/// How much TCP goes through in each direction, and what that costs.
struct TCPThroughput: Measurement {
    let mtu: Int
    let streams: [Int]

    var id: String { "tcp-\(mtu)" }
    var title: String { "TCP throughput, MTU \(mtu)" }
    var method: String {
        """
        iperf3 for one second between the guest and a server on the host, up from the guest and down to it. CPU is what \
        the path's own processes used, user and system time, for each gigabyte that arrived; the stand-in for a virtual \
        machine on stream sockets is not counted, nor is what the kernel does on behalf of the two ends.
        """
    }
    var columns: [Column] {
        streams.flatMap { count in
            ["up", "down"].map { direction in
                Column(
                    "\(direction)-\(count)", "\(direction), \(count) stream\(count == 1 ? "" : "s")", unit: "Gbit/s",
                    isHigherBetter: true, decimals: 2)
            }
        }
            + ["up", "down"].map {
                Column("cpu-\($0)", "CPU \($0)", unit: "s/GB", isHigherBetter: false, decimals: 2)
            }
    }
    var expectedSeconds: Double { 2.6 * Double(streams.count) }

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        if let refusal = path.refusal(ofMTU: mtu) { throw Failure(refusal) }
        let seat = try bench.seat(path, mtu: mtu)
        var readings = Readings()
        for count in streams {
            for direction in ["up", "down"] {
                do {
                    let options = ["--parallel", "\(count)"] + (direction == "up" ? [] : ["--reverse"])
                    let transfer = try seat.transfer(options)
                    readings["\(direction)-\(count)"] = transfer.gigabits
                    if count == 1 { readings["cpu-\(direction)"] = transfer.cost }
                } catch {
                    readings.fail("\(direction)-\(count)", "\(error)")
                }
            }
        }
        return readings
    }
}
