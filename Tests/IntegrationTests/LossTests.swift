import TAPGuest
import Testing

extension Integration {
    /// A wire that loses frames, as a busy guest does, costs time and nothing else.
    @Suite struct LossTests {
        @Test(.needs(.udhcpc))
        func `transfers are complete though every 97th frame of each direction is lost`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01", lossInterval: 97)
            _ = try await guest.acquireLease()
            let host = serve.host
            let part = host.web + "/part"
            try await host.namespace.run("sh", "-c", "head -c 8388608 \(host.web)/blob >\(part)")
            let digest = try await host.namespace.run("sha256sum", part).prefix(64)
            let output = try await guest.run(
                """
                export BLOB=/tmp/blob.$$; \
                wget -q -O $BLOB http://\(serve.promise.gateway)/part && sha256sum <$BLOB && \
                nc \(HostNetwork.internetAddress) 8080 -e upload; cat $BLOB.answer; rm $BLOB $BLOB.answer
                """, within: .seconds(60))
            #expect(output.split(separator: digest, omittingEmptySubsequences: false).count == 3, "\(output)")
            try await serve.stop()
        }
    }
}
