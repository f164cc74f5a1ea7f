import Testing

@testable import VmnetControl

/// The documents that programs rely on: a change here is a change for them.
@Suite struct ControlJSONTests {
    private func text(_ document: some Encodable) throws -> String {
        String(decoding: try ControlJSON.encode(document), as: UTF8.self)
    }

    @Test func `a status is written like this`() throws {
        let traffic = """
            {"dropped":{"bad_source":0,"queue_full":3},"received_bytes":950,"received_frames":5,"sent_bytes":684,\
            "sent_frames":2}
            """
        let port = """
            {"addresses":["192.168.64.2"],"id":"1","isolated":false,"macs":["02:00:00:00:00:01"],"name":"debian",\
            "nat":{"flows":4,"opened_flows":5,"refusals":6,"refused_by_port":7},"queue":{"bytes":3036,"frames":2},\
            "traffic":\(traffic),"transport":"stream:/run/vm.sock","uuid":"F41887BE-0A59-8063-81D2-53AA12BC5BF3"}
            """
        let forward = """
            {"accepted_connections":2,"forward":"tcp:127.0.0.1:8080:80","guest":"192.168.64.2","open_connections":1,\
            "received_datagrams":0,"refused_connections":3,"sent_datagrams":0,"version":1}
            """
        #expect(
            try text(StatusDocument.sample) == """
                {"attach":"/run/lab.attach","control":"/run/lab.control","end_address":"192.168.64.254",\
                "forwarding_entries":1,"forwards":[\(forward)],"guests":1,"leases":1,"listen":["stream:/run/vm.sock"],"mode":"shared",\
                "mtu":1500,"name":"lab","pid":42,"ports":[\(port)],"start_address":"192.168.64.1",\
                "started":1800000000,"subnet":"192.168.64.0/24","subnet_mask":"255.255.255.0","traffic":\(traffic),\
                "version":1}
                """)
    }

    @Test func `what is written is read back`() throws {
        var status = StatusDocument.sample
        status.nat66Prefix = "fd00::"
        #expect(try ControlJSON.decode(StatusDocument.self, from: ControlJSON.encode(status)) == status)
        let error = ErrorDocument("it is not", hint: "do this")
        #expect(try ControlJSON.decode(ErrorDocument.self, from: ControlJSON.encode(error)) == error)
    }

    @Test func `an error without a remedy has no hint`() throws {
        #expect(try text(ErrorDocument("it is not")) == #"{"error":{"message":"it is not"},"version":1}"#)
    }
}
