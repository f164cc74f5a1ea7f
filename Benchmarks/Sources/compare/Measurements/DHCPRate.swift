import Figures

/// How many guests a second can get an address.
struct DHCPRate: Measurement {
    let id = "dhcp"
    let title = "DHCP"
    let method = """
        perfdhcp asks for addresses from inside a guest as fast as it can for one second, for 30,000 clients in turn: \
        a full exchange is DISCOVER, OFFER, REQUEST, ACK.
        """
    let columns = [
        Column("exchanges", "exchanges", unit: "/s", isHigherBetter: true, decimals: 0)
    ]
    let expectedSeconds = 1.6

    func suits(_ path: any Path) -> Bool { path.servesManyLeases && Programs.find("perfdhcp") != nil }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let output = try Seat.with(path) { seat in
            let clients = try seat.guest.start([
                "perfdhcp", "-4", "-l", "eth0", "-R", "30000", "-p", "1", "-W", "200000", seat.attachment.host,
            ])
            // It ends with 3 when a single reply is missing, which this rate provokes.
            try clients.awaitEnd(within: 10)
            return clients.text
        }
        guard let report = PerfDHCPReport(parsing: output) else { throw Failure("perfdhcp gave no figures") }
        var readings = Readings()
        readings["exchanges"] = report.exchanges
        return readings
    }
}
