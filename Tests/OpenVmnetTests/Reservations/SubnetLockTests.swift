import Testing
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite("A subnet's lock")
struct SubnetLockTests {
    private let directory = TemporaryDirectory()

    private func subnet(_ address: IPv4Address, _ length: Int = 24) throws -> IPv4Subnet {
        try #require(IPv4Subnet(containing: address, prefixLength: length))
    }

    private func acquire(_ address: IPv4Address, _ length: Int = 24) throws -> SubnetLock? {
        try SubnetLock.acquire(subnet(address, length), in: directory.path)
    }

    @Test func `keeps others from the subnet and from what overlaps it, until it goes`() throws {
        var lock = try acquire("10.1.2.0")
        #expect(lock != nil)
        #expect(try acquire("10.1.2.0") == nil)
        #expect(try acquire("10.1.0.0", 16) == nil)
        #expect(try acquire("10.1.2.128", 25) == nil)
        #expect(try SubnetLock.holder(overlapping: subnet("10.1.0.0", 16), in: directory.path) == subnet("10.1.2.0"))
        #expect(try acquire("10.1.3.0") != nil)
        lock = nil
        #expect(try acquire("10.1.0.0", 16) != nil)
        withExtendedLifetime(lock) {}
    }

    @Test func `can be had beside another's, and is one all the same`() throws {
        var first = try acquire("10.1.2.0")
        let second = try SubnetLock.acquireAnyway(subnet("10.1.2.0"), in: directory.path)
        let third = try SubnetLock.acquireAnyway(subnet("10.1.2.0"), in: directory.path)
        first = nil
        #expect(try acquire("10.1.2.0") == nil)
        #expect(
            directory.contents.sorted() == [
                "subnet-10.1.2.0-24-1.lock", "subnet-10.1.2.0-24-2.lock", "subnet-10.1.2.0-24.lock",
            ])
        withExtendedLifetime((first, second, third)) {}
    }

    @Test(arguments: [
        "subnet-10.1.2.0-24.lock", "subnet-10.0.0.0-8.lock", "subnet-10.1.2.0-24-3.lock",
    ])
    func `is found by the name of its file`(name: String) {
        #expect(SubnetLockName(name)?.description == name)
    }

    @Test(arguments: [
        "", "subnet-.lock", "subnet-10.1.2.0.lock", "subnet-10.1.2.0-33.lock", "subnet-10.1.2.0-x.lock",
        "subnet-10.1.2.0-24-1-1.lock", "name-shared.lock", "subnet-10.1.2.0-24",
    ])
    func `is not found in other names`(name: String) {
        #expect(SubnetLockName(name) == nil)
    }
}
