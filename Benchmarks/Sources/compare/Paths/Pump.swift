/// Gives a guest an interface `eth0` whose frames travel over the stream socket at `path`.
func startPump(in guest: Namespace, to path: String) throws -> Child {
    let pump = try guest.start([Programs.probe, "pump", "eth0", path])
    try pump.wait(for: "ready", within: 5)
    return pump
}
