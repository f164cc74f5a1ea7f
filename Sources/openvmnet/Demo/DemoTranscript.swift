import Glibc

/// Shows a demo as it goes: a live bar on a terminal, plain lines elsewhere, nothing at all with `--json`.
struct DemoTranscript {
    enum Style {
        case terminal
        case plain
        case silent
    }

    private let style: Style
    private let byteCount: Int
    private var transferStart: ContinuousClock.Instant?
    private var isBarShown = false

    init(style: Style, byteCount: Int) {
        self.style = style
        self.byteCount = byteCount
    }

    /// What standard output is.
    static var styleOfOutput: Style { isatty(STDOUT_FILENO) == 1 ? .terminal : .plain }

    mutating func showOpening(subnet: String, gateway: String, mtu: Int) {
        write("A shared network, and a guest on it in a namespace of its own. No root.\n\n")
        write("network   \(subnet), gateway \(gateway), MTU \(mtu)\n")
    }

    mutating func show(_ report: GuestReport) {
        switch report {
        case .leased(let lease): show(lease)
        case .pinged(let sequence, let milliseconds): showPing(sequence, milliseconds)
        case .progressed(let direction, let count): showProgress(direction, count)
        case .transferred(let transfer): show(transfer)
        case .warned(let text): write("warning   \(text)\n")
        case .tapReady, .failed: break
        }
    }

    mutating func showEnd(of result: DemoResult, recipes: Recipes) {
        endBar()
        guard result.passed else { return }
        write("\nEverything arrived as it was sent. Guests of your own:\n\n\(recipes.text)")
    }

    private mutating func show(_ lease: GuestLease) {
        let names = lease.dnsServers.isEmpty ? "none" : lease.dnsServers.joined(separator: ", ")
        write("guest     \(lease.macAddress) has \(lease.address), mask \(lease.subnetMask)\n")
        write(
            "          gateway \(lease.gateway ?? "none"), DNS \(names), MTU \(lease.mtu.map { "\($0)" } ?? "not given")\n"
        )
        write("          for \(lease.leaseTime) s; \(decimal(lease.milliseconds, digits: 1)) ms from DISCOVER to ACK\n")
    }

    private mutating func showPing(_ sequence: Int, _ milliseconds: Double?) {
        if sequence == 1 { write("ping     ") }
        write(milliseconds.map { " \(decimal($0, digits: 2))" } ?? " lost")
        if sequence == DemoResult.pingCount { write(" ms\n") }
    }

    private mutating func showProgress(_ direction: DemoTransfer.Direction, _ count: Int) {
        guard style == .terminal else { return }
        // The first report starts the clock: no speed can be told from it.
        let seconds = transferStart?.secondsAgo ?? 0
        transferStart = transferStart ?? .now
        isBarShown = true
        write("\r\(bar(direction).line(done: count, seconds: seconds))")
    }

    private mutating func show(_ transfer: DemoTransfer) {
        if style == .terminal { write("\r") }
        write("\(bar(transfer.direction).line(done: transfer.byteCount, seconds: transfer.seconds))\n")
        write("          SHA-256 \(transfer.sha256)\n")
        isBarShown = false
        transferStart = nil
    }

    /// A failure's sentence must not stand behind half a bar.
    private mutating func endBar() {
        if isBarShown { write("\n") }
        isBarShown = false
    }

    private func bar(_ direction: DemoTransfer.Direction) -> ProgressBar {
        let label = direction.rawValue
        return ProgressBar(label: label + String(repeating: " ", count: 9 - label.count), total: byteCount)
    }

    private func write(_ text: String) {
        guard style != .silent else { return }
        try? StandardStream.output.write(text)
    }
}
