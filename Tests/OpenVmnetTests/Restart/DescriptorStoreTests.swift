import Testing
import VmnetSystem
import VmnetTesting

@testable import OpenVmnet

@Suite struct DescriptorStoreTests {
    let directory = TemporaryDirectory()

    @Test func `it sends in order, and everything before it ends`() throws {
        let manager = try BoundSocket(.datagram, path: directory.file("notify"))
        let store = try #require(try DescriptorStore.connect { _ in manager.path })
        let pair = try Socket.pair(.stream)
        #expect(store.store(pair.first.raw, name: "guest-1"))
        store.remove(name: "guest-1")
        #expect(!store.store(-1, name: "guest-2"))
        store.end()
        #expect(read(manager.descriptor) == "FDSTORE=1\nFDNAME=guest-1")
        #expect(read(manager.descriptor) == "FDSTOREREMOVE=1\nFDNAME=guest-1")
        #expect(read(manager.descriptor) == nil)
    }

    @Test func `without a service manager there is nobody to tell`() throws {
        #expect(try DescriptorStore.connect { _ in nil } == nil)
        #expect(try DescriptorStore.connect { _ in "" } == nil)
    }

    private func read(_ raw: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 200)
        var room = bytes.mutableSpan
        guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
