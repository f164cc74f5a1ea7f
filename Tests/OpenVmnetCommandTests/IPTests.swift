import Testing
import VmnetControl

@testable import openvmnet

@Suite struct IPTests {
    private static let leases = [
        lease("192.168.64.2", "52:54:00:12:34:56", name: "Debian"),
        lease("192.168.64.3", "52:54:00:12:34:57", name: "twin"),
        lease("192.168.64.4", "52:54:00:12:34:58", name: "twin"),
        lease("192.168.64.5", "52:54:00:12:34:59", name: "gone", isRunning: false),
        lease("192.168.64.6", "52:54:00:12:34:56", name: "debian", expiry: 200),
        lease("192.168.64.7", "52:54:00:12:34:5a"),
    ]

    private static func lease(
        _ address: String, _ mac: String, name: String? = nil, expiry: Int64 = 100, isRunning: Bool = true
    ) -> LeaseDocument {
        LeaseDocument(address: address, mac: mac, name: name, clientIdentifier: nil, expiry: expiry, running: isRunning)
    }

    @Test(
        arguments: [
            ("debian", "192.168.64.6"), ("DEBIAN", "192.168.64.6"), ("52:54:00:12:34:5a", "192.168.64.7"),
            ("52-54-0-12-34-5A", "192.168.64.7"), ("gone", nil), ("nobody", nil), ("", nil),
        ] as [(String, String?)])
    func `a guest is found by its name or MAC address, its newest lease first`(guest: String, address: String?) throws {
        #expect(try IP.lease(of: guest, in: Self.leases)?.address == address)
    }

    @Test func `a name of two guests is no answer`() {
        #expect {
            try IP.lease(of: "twin", in: Self.leases)
        } throws: {
            "\($0)".contains("52:54:00:12:34:57, 52:54:00:12:34:58")
        }
    }
}
