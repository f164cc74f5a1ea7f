import Testing
import VmnetPorts
import VmnetSystem
import VmnetTesting

@testable import OpenVmnet

@Suite struct HandoverTests {
    let directory = TemporaryDirectory()
    private var path: String { directory.file("handover-lab") }

    @Test func `what one network leaves the next one takes, once`() throws {
        var left = Handover()
        left["guest-1"] = TransportRemainder()
        left["guest-2"] = TransportRemainder(received: [0, 0, 5, 0xea, 0xff], unsent: [1, 2, 3])
        try left.write(path)
        let taken = try Handover.take(path)
        #expect(taken.remainders == left.remainders)
        #expect(directory.contents.isEmpty)
        #expect(try Handover.take(path).remainders.isEmpty)
    }

    @Test(arguments: ["", "guest-1", "guest-1 -", "guest-1 0 -", "guest-1 xx -", "guest-1 - - -", "guest-1 é0 -"])
    func `a line that makes no sense is no guest's`(line: String) throws {
        try File.replace(path, with: Array("\(line)\nguest-2 00 -\n".utf8).span)
        #expect(try Handover.take(path).remainders == ["guest-2": TransportRemainder(received: [0])])
    }
}
