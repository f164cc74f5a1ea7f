import OpenVmnet

// A network with a gateway, DHCP and NAT. It needs no daemon and no root, and runs until nobody uses it any more.
let network = try Network(NetworkConfiguration(mode: .shared))

// What the guest's network card is connected to.
let interface = try network.makeInterface()
var guest = try Guest(interface.parameters)

// Others may attach, such as QEMU with -netdev stream.
if let path = CommandLine.arguments.dropFirst().first { try network.listen(on: .stream(path: path)) }
print("\(guest.address) answers pings")

for await _ in interface.events {
    var answers: [[UInt8]] = []
    // What waits for the guest is lent for the call: an emulator copies it into the guest's memory here.
    _ = try interface.read(upTo: interface.parameters.readLimit) { _, packet in
        if let answer = guest.answer(packet) { answers.append(answer) }
        return true
    }
    // What the guest sends goes all its way on this thread: to another guest, or into a socket of the host.
    try interface.write { batch throws(VmnetError) in
        for answer in answers { try batch.add(answer.span) }
    }
}
