import Figures
import Foundation

/// A machine instead of a namespace: Linux as a process, with a network card of its own.
struct UserModeLinux: Measurement {
    let id = "user-mode-linux"
    let title = "User Mode Linux"
    let method = """
        User Mode Linux over its bess transport: its kernel is a process on the same cores, which sets the pace. iperf3 \
        for one second in each direction, then one-octet exchanges, as from the other guests. MTU 1500. Made once.
        """
    let columns = [
        Column("up", "up, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
        Column("down", "down, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
        Column("rr", "TCP RR p50", unit: "µs", isHigherBetter: false, decimals: 0),
    ]
    let expectedSeconds = 5.0
    let isRepeated = false

    func suits(_ path: any Path) -> Bool { path is any MachinePath && Programs.find("linux.uml") != nil }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        guard let path = path as? any MachinePath else { throw Failure("this path is not for machines") }
        let socket = Stage.path("bess")
        let attachment = try path.listen(at: socket)
        let servers = try [Iperf3.Server(in: .host), Iperf3.Server(in: .host)]
        let transcript = try withExtendedLifetime((attachment, servers)) {
            let machine = try boot(connectedTo: socket, script: script(attachment, servers.map(\.port)))
            return try machine.wait(for: "@end", within: 20)
        }
        // Between marks: two reports of iperf3's and a line of the probe's.
        let parts = transcript.components(separatedBy: "@next")
        guard parts.count == 5 else { throw Failure("the machine said: \(transcript.suffix(100))") }
        var readings = Readings()
        readings["up"] = try Iperf3Report(parsing: parts[1]).received.bitsPerSecond / 1e9
        readings["down"] = try Iperf3Report(parsing: parts[2]).received.bitsPerSecond / 1e9
        readings["rr"] = try ProbeAnswer(parsing: parts[3]).value("median")
        return readings
    }

    /// Its root is the host's, read-only, so it has the same programs.
    private func boot(connectedTo socket: String, script: String) throws -> Child {
        let program = Stage.path("init")
        try Data(script.utf8).write(to: URL(fileURLWithPath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        return try Namespace.host.start([
            "linux.uml", "mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "init=\(program)",
            "quiet",
            "con0=null,fd:1", "con=null", "ssl=null", "uml_dir=\(Stage.folder)",
            "vec0:transport=bess,dst=\(socket),depth=128,gro=1,mac=52:54:00:12:34:56",
        ])
    }

    private func script(_ attachment: Attachment, _ ports: [String]) -> String {
        let client = "iperf3 --client \(attachment.host) --time 1 --json --connect-timeout 3000"
        return """
            #!/bin/sh
            export PATH=/usr/bin:/bin:/usr/sbin:/sbin
            mount -t proc proc /proc
            mount -t tmpfs tmp /mnt
            export TMPDIR=/mnt
            ip link set lo up
            ip link set vec0 up
            ip address add \(attachment.addresses[0]) dev vec0
            ip route add default via \(attachment.host)
            echo @next
            \(client) --port \(ports[0])
            echo @next
            \(client) --port \(ports[1]) --reverse
            echo @next
            \(Programs.probe) tcp-rr \(attachment.host) \(Stage.echoPort) 0.3
            echo @next
            echo @end
            sleep 60

            """
    }
}
