import Glibc
import Testing
import VmnetDHCP
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite struct LeaseDirectoryTests {
    let directory = TemporaryDirectory()

    @Test func `a line that a full disk cut off spoils no other`() throws {
        let path = directory.file("state")
        do {
            let leases = try LeaseDirectory(path)
            try leases.append([change(1)])
            let journal = try AppendFile("\(path)/leases.journal")
            try journal.append(Array("1234 52:54:00".utf8).span)
            try leases.append([change(2)])
            withExtendedLifetime(leases) {}
        }
        let file = try LeaseDirectory.read(path)
        #expect(file.leases.map(\.address.bits) == [0xc0a8_4001, 0xc0a8_4002])
        #expect(file.damagedLineCount == 1)
    }

    @Test func `who reads while the network writes misses nothing`() async throws {
        let path = directory.file("state")
        let leases = try LeaseDirectory(path)
        let writer = Task.detached {
            var all: [Lease] = []
            for number in 1...300 {
                let lease = Self.lease(UInt32(number))
                try leases.append([.set(lease)])
                all.append(lease)
                if number % 3 == 0 { try leases.write(all) }
            }
        }
        var seen = 0
        while seen < 300 {
            let count = try LeaseDirectory.read(path).leases.count
            try #require(count >= seen)
            seen = count
        }
        try await writer.value
    }

    private func change(_ number: UInt32) -> LeaseChange {
        .set(Self.lease(number))
    }

    private static func lease(_ number: UInt32) -> Lease {
        Lease(
            address: IPv4Address(bits: 0xc0a8_4000 + number),
            hardwareAddress: MACAddress(bits: 0x5254_0000_0000 + UInt64(number)), identifier: nil, hostName: nil,
            expiry: .never)
    }
}
