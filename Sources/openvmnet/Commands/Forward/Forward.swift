import ArgumentParser

/// `openvmnet forward`: ports of this host that lead to guests of a running network.
struct Forward: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add, list and remove port forwards of a running network.",
        discussion: "A forward is written as for `openvmnet serve --forward`.",
        subcommands: [ForwardAdd.self, ForwardList.self, ForwardRemove.self])
}
