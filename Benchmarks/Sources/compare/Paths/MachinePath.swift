/// A path to which a machine attaches itself, over a SEQPACKET socket with one frame a record: User Mode Linux's `bess`.
protocol MachinePath: Path {
    /// Starts what listens at `socket`, for one machine.
    func listen(at socket: String) throws -> Attachment
}

extension MachinePath {
    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        throw Failure("this path is for machines")
    }
}
