import Testing
import VmnetControl

@testable import openvmnet

@Suite struct StatusTableTests {
    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
            (64 << 20, "67.1 MB"), (UInt64.max, "18.4 EB"),
        ] as [(UInt64, String)])
    func `a number of bytes is short`(bytes: UInt64, text: String) {
        #expect("\(ByteCount(bytes))" == text)
    }

    @Test func `a status is a few lines with a table`() throws {
        let json = #"""
            {"attach":"/run/lab.attach","control":"/run/lab.control","end_address":"192.168.64.254","forwarding_entries":1,"forwards":[],
            "guests":1,"leases":1,"listen":[],"mode":"shared","mtu":1500,"name":"lab","pid":42,"ports":[{
            "addresses":["192.168.64.2"],"id":"1","isolated":true,"macs":["02:00:00:00:00:01","02:00:00:00:00:02"],
            "nat":{"flows":4,"opened_flows":5,"refusals":6,"refused_by_port":7},"queue":{"bytes":3036,"frames":2},
            "traffic":{"dropped":{"queue_full":3},"received_bytes":950,"received_frames":5,"sent_bytes":68400,
            "sent_frames":20},"transport":"stream:/run/vm.sock"}],"start_address":"192.168.64.1","started":1800000000,
            "subnet":"192.168.64.0/24","subnet_mask":"255.255.255.0","traffic":{"dropped":{"queue_full":3},
            "received_bytes":950,"received_frames":5,"sent_bytes":68400,"sent_frames":20},"version":1}
            """#
        let status = try ControlJSON.decode(StatusDocument.self, from: Array(json.utf8))
        #expect(
            StatusTable(status, now: 1_800_000_075).text == """
                lab: shared, 192.168.64.0/24, gateway 192.168.64.1, MTU 1500, process 42, up 1 min 15 s
                1 guest, 1 lease; in 5 frames (950 B), out 20 frames (68.4 kB), dropped 3

                PORT  TRANSPORT                       MAC                   ADDRESS       NAME  IN     OUT      DROPPED  QUEUED  FLOWS
                1     stream:/run/vm.sock (isolated)  02:00:00:00:00:01 +1  192.168.64.2  -     950 B  68.4 kB  3        2       4

                """)
    }
}
