import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@Suite struct InMemoryPortTests {
    private func enqueue(_ bytes: [UInt8], on port: InMemoryPort, urgency: FrameUrgency = .ordinary) -> DropReason? {
        port.enqueue(bytes.span, offload: .none, urgency: urgency)
    }

    @Test func `frames reach the guest in order with the next flush`() {
        let port = InMemoryPort()
        #expect(enqueue([1], on: port) == nil)
        #expect(enqueue([2, 2], on: port, urgency: .held) == nil)
        #expect(port.delivered.isEmpty)
        port.flush()
        #expect(port.takeDelivered() == [[1], [2, 2]])
        #expect(port.takeDelivered() == [])
    }

    @Test func `a guest that does not read fills the queue`() {
        let port = InMemoryPort(capacity: 2, heldCapacity: 10)
        port.isReading = false
        #expect(enqueue([1], on: port) == nil)
        #expect(enqueue([2], on: port) == nil)
        port.flush()
        #expect(enqueue([3], on: port) == .queueFull)
        #expect(enqueue([UInt8](repeating: 4, count: 8), on: port, urgency: .held) == nil)
        #expect(port.heldRoom == 2)
        #expect(enqueue([5, 5, 5], on: port, urgency: .held) == .queueFull)
        port.isReading = true
        port.flush()
        #expect(port.takeDelivered().count == 3)
        #expect(port.heldRoom == 10)
    }
}
