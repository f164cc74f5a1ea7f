import Figures

/// What a program has that links the library.
struct OneProgram: Measurement {
    let id = "library"
    let title = "In one program"
    let method = """
        One thread writes 1514-byte frames at one interface and reads them at another, in batches of 64; sends with TSO \
        through the NAT to a service on the host; and sends one octet to an echo service and waits for it. Beside libslirp \
        alone, driven from C with the same guest, and a socket of the program's own.
        """
    let columns = [
        Column("frames", "from interface to interface", unit: "M frames/s", isHigherBetter: true, decimals: 2),
        Column("upload", "up, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 1),
        Column("round-trip", "one octet and back", unit: "µs", isHigherBetter: false, decimals: 0),
    ]
    let expectedSeconds = 1.2

    func suits(_ path: any Path) -> Bool { true }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        guard let path = path as? any ProgramPath else { throw Failure("this path is not for one program") }
        var readings = Readings()
        for line in try run(Programs.inProcess, "--path", path.reading).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else { throw Failure("in-process said: \(line)") }
            readings[String(words[0])] = value
        }
        return readings
    }
}
