/// The colours of charts, by what they mean. Charts are drawn in fixed colours, each of which is then replaced by a
/// variable of the page's style: that is how one drawing serves light and dark.
package enum Palette: String, CaseIterable, Sendable {
    case ink, muted, line
    /// Two shades of each: up and down.
    case ours, oursLight, peer, peerLight, limit, limitLight

    /// What gnuplot draws in: numbers that no two share.
    var drawn: UInt32 { 0x010203 + UInt32(Self.allCases.firstIndex(of: self) ?? 0) * 0x101010 }

    /// The colour on white paper.
    private var light: String {
        switch self {
        case .ink: "#1c2024"
        case .muted: "#6b7280"
        case .line: "#e3e5e9"
        case .ours: "#c2410c"
        case .oursLight: "#f2a27c"
        case .peer: "#5b6b7f"
        case .peerLight: "#b3bdc9"
        case .limit: "#9aa3ae"
        case .limitLight: "#d5d9df"
        }
    }

    private var dark: String {
        switch self {
        case .ink: "#e8eaed"
        case .muted: "#9aa1ab"
        case .line: "#30353c"
        case .ours: "#f97a3d"
        case .oursLight: "#a34f22"
        case .peer: "#93a4b8"
        case .peerLight: "#53606f"
        case .limit: "#6d7681"
        case .limitLight: "#434a53"
        }
    }

    /// Style rules that give every variable its colour.
    package static var style: String {
        let rules = { (colour: (Palette) -> String) in
            allCases.map { "--\($0.rawValue):\(colour($0))" }.joined(separator: ";")
        }
        return """
            :root{\(rules { $0.light })}
            @media (prefers-color-scheme:dark){:root{\(rules { $0.dark })}}
            """
    }

    static func bar(_ role: String, series: Int) -> Palette {
        switch role {
        case "ours": series == 0 ? .ours : .oursLight
        case "peer": series == 0 ? .peer : .peerLight
        default: series == 0 ? .limit : .limitLight
        }
    }
}
