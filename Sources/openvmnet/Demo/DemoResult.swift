/// Everything that a demo found out; `--json` prints it.
struct DemoResult: Codable, Equatable, Sendable {
    /// `192.168.64.0/24`.
    var subnet: String?
    var lease: GuestLease?
    /// One for each echo to the gateway; nil = unanswered.
    var pingMilliseconds: [Double?] = []
    var download: DemoTransfer?
    var upload: DemoTransfer?
    /// Of the payload, as the host computed it.
    var expectedSHA256: String?
    /// Whether every check passed; false until `judge`.
    private(set) var passed = false
    /// What went wrong first, in one sentence; nil as long as nothing did.
    var failure: String?
    /// What to do about the failure, where that is known.
    var hint: String?

    static let pingCount = 5

    init(subnet: String? = nil, expectedSHA256: String? = nil) {
        self.subnet = subnet
        self.expectedSHA256 = expectedSHA256
    }

    /// Records what went wrong, unless something did before: the first failure is the cause of the others.
    mutating func fail(_ sentence: String, hint: String?) {
        guard failure == nil else { return }
        failure = sentence
        self.hint = hint
    }

    /// Adds what the guest reports.
    mutating func record(_ report: GuestReport) {
        switch report {
        case .leased(let lease): self.lease = lease
        case .pinged(_, let milliseconds): pingMilliseconds.append(milliseconds)
        case .transferred(let transfer):
            switch transfer.direction {
            case .download: download = transfer
            case .upload: upload = transfer
            }
        case .failed(let sentence, let hint): fail(sentence, hint: hint)
        case .tapReady, .warned, .progressed: break
        }
    }

    /// Decides at the end.
    mutating func judge() {
        if let shortcoming = firstShortcoming { fail(shortcoming, hint: nil) }
        passed = failure == nil
    }

    /// The first check that the figures do not pass; nil when they pass all.
    private var firstShortcoming: String? {
        guard lease != nil else { return "the guest got no lease" }
        let lost = pingMilliseconds.count { $0 == nil } + Self.pingCount - pingMilliseconds.count
        guard lost == 0 else { return "the gateway did not answer \(lost) of \(Self.pingCount) pings" }
        guard let expectedSHA256 else { return "the digest of the payload is missing" }
        for (name, transfer) in [("download", download), ("upload", upload)] {
            guard let transfer else { return "the \(name) did not finish" }
            guard transfer.sha256 == expectedSHA256 else {
                return "what arrived by \(name) is not what was sent: SHA-256 \(transfer.sha256), not \(expectedSHA256)"
            }
        }
        return nil
    }
}
