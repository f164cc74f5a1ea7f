/// slirp4netns with a socket for User Mode Linux.
struct Slirp4netnsRecord: MachinePath {
    let id = "slirp4netns-bess"
    let title = "slirp4netns, bess"
    let role = PathRole.peer
    let programs = ["slirp4netns"]

    func listen(at socket: String) throws -> Attachment {
        let carrier = try Namespace.host.start(["slirp4netns", "--target-type=bess", socket])
        try eventually("slirp4netns", within: 5) { Stage.isSocket(socket) }
        return Attachment(host: "10.0.2.2", addresses: ["10.0.2.100/24"], carriers: [carrier])
    }
}
