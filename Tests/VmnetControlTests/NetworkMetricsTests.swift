import Testing

@testable import VmnetControl

@Suite struct NetworkMetricsTests {
    @Test func `every family has its help and type once, before its samples`() {
        let lines = NetworkMetrics.text(of: .sample).split(separator: "\n").map(String.init)
        var families: Set<String> = []
        var current = ""
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("# HELP ") {
                current = words[2]
                #expect(families.insert(current).inserted, "\(current) again")
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == current)
                #expect(words[3] == (current.hasSuffix("_total") ? "counter" : "gauge"), "\(line)")
            } else {
                #expect(line.hasPrefix("\(current){"), "\(line)")
                #expect(words.last.flatMap { UInt64($0) } != nil, "\(line)")
            }
        }
        #expect(families.count == 27)
    }

    @Test func `counters and gauges have their labels`() {
        let text = NetworkMetrics.text(of: .sample)
        for line in [
            "openvmnet_network_guests{network=\"lab\"} 1",
            "openvmnet_network_received_bytes_total{network=\"lab\"} 950",
            "openvmnet_port_dropped_frames_total{network=\"lab\",port=\"1\",reason=\"queue_full\"} 3",
            "openvmnet_forward_open_connections{network=\"lab\",forward=\"tcp:127.0.0.1:8080:80\"} 1",
            "openvmnet_port_queue_frames{network=\"lab\",port=\"1\"} 2",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func `what would end a label's value is escaped`() {
        #expect(MetricsText.escape("a\\b\"c\nd\u{e9}") == "a\\\\b\\\"c\\nd\u{e9}")
    }
}
