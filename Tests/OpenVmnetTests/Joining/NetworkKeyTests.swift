import OpenVmnet
import Testing

@Suite struct NetworkKeyTests {
    @Test func `a key is read as it is written, and no two are the same`() throws {
        let key = NetworkKey()
        #expect(NetworkKey("\(key)") == key)
        #expect(NetworkKey() != key)
        #expect("\(key)".utf8.count < 120 && "\(key)".utf8.allSatisfy { (0x21..<0x7f).contains($0) })
    }

    @Test(arguments: [
        "", "openvmnet", "openvmnet:1:a:b",
        "openvmnet:2:\(String(repeating: "0", count: 32)):\(String(repeating: "0", count: 32))",
        "openvmnet:1:\(String(repeating: "g", count: 32)):\(String(repeating: "0", count: 32))",
        "openvmnet:1:\(String(repeating: "0", count: 32)):\(String(repeating: "0", count: 32)):",
    ])
    func `another text is none`(text: String) {
        #expect(NetworkKey(text) == nil)
    }
}
