/// Options of a network as a person gave them, before they are checked against each other.
///
/// Both forms meet here: single options (`--start-address 192.168.105.1`) and QEMU's string
/// (`vmnet-shared,start-address=192.168.105.1,...`).
public struct NetworkOptions: Equatable, Sendable {
    private var values: [NetworkOption: String] = [:]

    /// No option given: everything by default.
    public init() {}

    /// The value given for `option`, or nil.
    public subscript(option: NetworkOption) -> String? { values[option] }

    /// Notes a value.
    ///
    /// - Throws: `.invalidConfiguration` when the option has a different value already.
    public mutating func set(_ option: NetworkOption, to value: String) throws(VmnetError) {
        if let earlier = values[option], earlier != value {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' is given twice, as '\(earlier)' and as '\(value)'",
                hint: "give it once")
        }
        values[option] = value
    }

    /// Adds the options of QEMU's form: `vmnet-shared,start-address=...,end-address=...`.
    ///
    /// The type of QEMU's first patch, `vmnet-macos,mode=...`, is accepted too; `id=` is accepted and means nothing here.
    /// - Throws: `.invalidConfiguration`, naming the part that is not understood.
    public mutating func add(netdev text: String) throws(VmnetError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let type = parts.first.map(String.init) ?? ""
        let modes = OperationMode.allCases.map { "vmnet-\($0.rawValue)" }
        if let index = modes.firstIndex(of: type) {
            try set(.mode, to: OperationMode.allCases[index].rawValue)
        } else if type != "vmnet-macos" {
            throw VmnetError(
                .invalidConfiguration, "Parameter 'type' does not accept value '\(type)'",
                hint: "expected one of \(modes.joined(separator: ", "))")
        }
        for part in parts.dropFirst() { try add(part) }
    }

    /// Adds one `name=value`.
    private mutating func add(_ part: Substring) throws(VmnetError) {
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = pair[0].hasPrefix("options.") ? pair[0].dropFirst("options.".count) : pair[0]
        if name == "id", pair.count == 2 { return }
        guard let option = NetworkOption(name: name) else {
            throw VmnetError(
                .invalidConfiguration, "Parameter '\(name)' is unexpected",
                hint: "expected \(NetworkOption.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard pair.count == 2, !pair[1].isEmpty else {
            throw VmnetError(.invalidConfiguration, "Parameter '\(name)' is missing a value", hint: "write \(name)=...")
        }
        try set(option, to: String(pair[1]))
    }
}
