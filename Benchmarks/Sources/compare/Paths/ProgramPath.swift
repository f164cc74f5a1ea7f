/// A path without interfaces: what one program has of it, which `in-process` measures.
protocol ProgramPath: Path {
    /// Its name there.
    var reading: String { get }
}

extension ProgramPath {
    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        throw Failure("this path is for one program")
    }
}
