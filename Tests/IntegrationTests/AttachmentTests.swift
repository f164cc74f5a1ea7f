import Glibc
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// The ways to attach a guest that need no socket in the file system.
    @Suite struct AttachmentTests {
        @Test(.needs(.udhcpc))
        func `a TAP interface that serve makes in a namespace has everything a guest gets`() async throws {
            let namespace = try await Namespace()
            let serve = try await Serve(
                Serve.network + ["--listen", "tap:eth0@\(namespace.path)"], on: HostNetwork(), in: TemporaryFolder())
            try await checkEverything(
                in: NamespaceGuest(in: namespace, interface: "eth0"), on: serve.promise)
            try await serve.stop()
        }

        @Test(.needs(), arguments: SocketKind.allCases)
        func `a socket that serve inherits is a guest's`(kind: SocketKind) async throws {
            var theirs: Int32 = -1
            let ours = try UnixSocket(pairedWith: &theirs, kind)
            defer { close(theirs) }
            let serve = try await Serve(
                Serve.network + ["--listen", "fd:3"], listening: [], on: HostNetwork(), in: TemporaryFolder(),
                inheriting: [theirs])
            #expect(try resolveGateway(over: ours) != .zero)
            try await serve.stop()
        }
    }
}
