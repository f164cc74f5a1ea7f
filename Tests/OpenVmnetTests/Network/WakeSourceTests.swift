import Testing
import VmnetNAT
import VmnetSwitch

@testable import OpenVmnet

@Suite("A wake source")
struct WakeSourceTests {
    @Test(arguments: [
        WakeSource.wakeUp, .listener(0), .listener(.max), .transport(PortID(rawValue: 1)),
        .transport(PortID(rawValue: .max)), .nat(PortID(rawValue: 7)),
        .forward(ForwardID(rawValue: .max)),
    ])
    func `survives its way through an epoll token`(source: WakeSource) {
        #expect(WakeSource(token: source.token) == source)
    }

    @Test func `an unknown token is nothing`() {
        #expect(WakeSource(token: 9 << 32) == nil)
    }
}
