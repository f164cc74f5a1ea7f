import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct DescriptorTests {
    @Test func `a descriptor is closed when its owner lets go of it`() throws {
        let pair = try Socket.pair(.stream)
        let other = try pair.second.duplicate()
        #expect(receive(other.raw) == nil)
        do { _ = consume pair }
        // The end of the stream.
        #expect(receive(other.raw) == [])
    }

    @Test func `a released descriptor stays open`() throws {
        let raw = try openNull().release()
        #expect(isOpen(raw))
        close(raw)
    }

    @Test func `a duplicate outlives the original and is closed on exec`() throws {
        let copy: Descriptor
        do {
            let original = try openNull()
            copy = try original.duplicate()
            #expect(copy.raw != original.raw)
        }
        #expect(isOpen(copy.raw))
        #expect(fcntl(copy.raw, F_GETFD) & FD_CLOEXEC != 0)
        try copy.setCloseOnExec(false)
        #expect(fcntl(copy.raw, F_GETFD) & FD_CLOEXEC == 0)
    }

    @Test func `blocking can be switched off and on`() throws {
        let descriptor = try openNull()
        try descriptor.setNonBlocking()
        #expect(fcntl(descriptor.raw, F_GETFL) & O_NONBLOCK != 0)
        try descriptor.setNonBlocking(false)
        #expect(fcntl(descriptor.raw, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `duplicating what is not open says so`() {
        #expect {
            _ = try Descriptor.duplicate(1_000_000)
        } throws: { error in
            "\(error)" == "cannot duplicate the descriptor 1000000: Bad file descriptor"
        }
    }

    private func openNull() throws -> Descriptor {
        // Safety: the string lives for the call.
        let raw = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        try #require(raw >= 0)
        return Descriptor(owning: raw)
    }

    private func isOpen(_ raw: Int32) -> Bool { fcntl(raw, F_GETFD) != -1 }
}
