import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let plain = Lease(
    address: "192.168.64.2", hardwareAddress: "52:54:00:12:34:56",
    identifier: DHCPClientIdentifier(ethernet: "52:54:00:12:34:56"), hostName: HostName(sanitizing: "debian"),
    expiry: LeaseTime(secondsSince1970: 1_767_225_600))
private let bare = Lease(address: "192.168.64.10", hardwareAddress: "52:54:00:00:00:0a", expiry: .never)

private func read(_ texts: String...) -> LeaseFile {
    var file = LeaseFile()
    for text in texts { file.read(Array(text.utf8).span) }
    return file
}

@Suite struct LeaseFileTests {
    @Test func `leases are written as dnsmasq writes them, by address`() {
        #expect(
            LeaseFile.text(of: [bare, plain]) == """
                1767225600 52:54:00:12:34:56 192.168.64.2 debian 01:52:54:00:12:34:56
                0 52:54:00:00:00:0a 192.168.64.10 * *

                """)
    }

    @Test func `what was written is read`() {
        let file = read(LeaseFile.text(of: [bare, plain]))
        #expect(file.leases == [plain, bare])
        #expect(file.damagedLineCount == 0)
    }

    @Test func `a file that dnsmasq wrote is read`() {
        let file = read(
            "1767229200 52:54:00:12:34:56 192.168.64.39 guest1 ff:00:12:34:56:00:01:00:01:32:96:c4:a6:52:54\n")
        #expect(file.leases.first?.address == "192.168.64.39")
        #expect(file.leases.first?.identifier?.bytes.count == 15)
    }

    @Test func `the journal's later lines replace earlier ones, and take addresses out`() {
        var renewed = plain
        renewed.expiry = LeaseTime(secondsSince1970: 1_767_229_200)
        let journal = LeaseFile.text(of: [.set(renewed), .forget(bare.address)])
        #expect(
            journal == """
                1767229200 52:54:00:12:34:56 192.168.64.2 debian 01:52:54:00:12:34:56
                - 192.168.64.10

                """)
        let file = read(LeaseFile.text(of: [plain, bare]), journal)
        #expect(file.leases == [renewed])
        #expect(file.damagedLineCount == 0)
    }

    @Test(arguments: [
        "", " ", "garbage", "-", "- ", "- 192.168.64", "- 192.168.64.2 x", "1 2 3 4 5",
        "1767225600 52:54:00:12:34:56 192.168.64.2 debian",
        "1767225600 52:54:00:12:34:56 192.168.64.2 debian * *",
        "-5 52:54:00:12:34:56 192.168.64.2 debian *",
        "99999999999999999999 52:54:00:12:34:56 192.168.64.2 debian *",
        "1767225600 52:54:00:12:34 192.168.64.2 debian *",
        "1767225600 52:54:00:12:34:56 192.168.64.256 debian *",
        "1767225600 52:54:00:12:34:56 192.168.64.2 debian 01:5",
        "1767225600  52:54:00:12:34:56 192.168.64.2 debian *",
        "duid 00:01:00:01:26:0c:74:ac:52:54:00:12:34:56",
    ])
    func `a line that makes no sense is skipped and counted`(_ line: String) {
        let file = read("\(line)\n" + LeaseFile.text(of: [plain]))
        #expect(file.leases == [plain])
        #expect(file.damagedLineCount == (line.isEmpty ? 0 : 1))
    }

    @Test func `a last line that was not written to its end is skipped`() {
        let text = LeaseFile.text(of: [bare, plain])
        let torn = read(String(text.dropLast(3)))
        #expect(torn.leases == [plain])
        #expect(torn.damagedLineCount == 1)
    }

    @Test func `bytes that are no text, and lines without end, are skipped`() {
        var file = LeaseFile()
        var generator = SeededGenerator(seed: 7)
        file.read(generator.bytes(10000).span)
        file.read([UInt8](repeating: UInt8(ascii: "a"), count: 100_000).span)
        #expect(file.leases.isEmpty)
        #expect(file.damagedLineCount > 1)
    }

    @Test func `a host name from the file is as safe as one from a guest`() {
        let file = read("1 52:54:00:12:34:56 192.168.64.2 $(reboot)/../x *\n")
        #expect(file.leases.first?.hostName?.text == "reboot")
    }

    @Test func `a lease that ended at the beginning of time does not become an endless one`() {
        var lease = plain
        lease.expiry = LeaseTime(secondsSince1970: 0)
        #expect(read(LeaseFile.text(of: [lease])).leases.first?.expiry == LeaseTime(secondsSince1970: 1))
    }
}
