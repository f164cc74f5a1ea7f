/// A path to a stream socket, on which a pump stands for the guest's machine.
protocol StreamPath: Path {
    func attach(_ guests: [Namespace], mtu: Int, by pump: Pump) throws -> Attachment
}

extension StreamPath {
    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        try attach(guests, mtu: mtu, by: .plain)
    }
}
