/// What stands for a virtual machine on a stream socket: a verb of `probe`.
enum Pump: String {
    /// Gives the guest's kernel frames as they come.
    case plain = "pump"
    /// Joins segments before, as a guest's driver does: generic receive offload. A TAP interface takes each by itself.
    case joining = "joining-pump"

    /// Gives a guest an interface `eth0` whose frames travel over the stream socket at `path`.
    func start(in guest: Namespace, to path: String) throws -> Child {
        let pump = try guest.start([Programs.probe, rawValue, "eth0", path])
        try pump.wait(for: "ready", within: 5)
        return pump
    }
}
