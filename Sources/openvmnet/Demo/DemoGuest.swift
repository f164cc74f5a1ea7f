import Glibc
import VmnetControl
import VmnetSystem
import VmnetWire

/// What the guest of a demo does once it has its lease: pings the gateway, downloads, uploads, reports each.
struct DemoGuest {
    /// nil = the lease named none.
    let gateway: IPv4Address?
    /// Of the server on the host's loopback, which the gateway address leads to.
    let port: UInt16
    let byteCount: Int

    func run(on channel: GuestChannel) throws(SystemError) {
        guard let gateway else {
            try channel.send(.failed("the guest's lease names no gateway", hint: nil))
            return
        }
        try ping(gateway, channel)
        do {
            try transfer(from: gateway, channel)
        } catch {
            try channel.send(.failed("the guest's transfer broke off: \(error)", hint: nil))
        }
    }

    private func ping(_ gateway: IPv4Address, _ channel: GuestChannel) throws(SystemError) {
        var echo = try Echo(to: gateway, identifier: UInt16(truncatingIfNeeded: getpid()))
        for sequence in 1...DemoResult.pingCount {
            let time = try echo.ping(sequence: UInt16(sequence))
            try channel.send(.pinged(sequence: sequence, milliseconds: time?.inMilliseconds))
            usleep(100_000)
        }
    }

    private func transfer(from gateway: IPv4Address, _ channel: GuestChannel) throws(HTTPError) {
        let client = DemoClient(server: gateway, port: port) { direction, byteCount in
            // Without a parent to hear it, this process is about to be killed.
            try? channel.send(.progressed(direction, byteCount: byteCount))
        }
        let download = try client.download()
        try? channel.send(.transferred(download))
        let upload = try client.upload(byteCount: byteCount)
        try? channel.send(.transferred(upload))
    }
}
