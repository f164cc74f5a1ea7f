import Foundation

/// What `iperf3 --json` says at its end.
package struct Iperf3Report: Decodable, Equatable, Sendable {
    /// Totals over all streams.
    package struct Totals: Decodable, Equatable, Sendable {
        package let bytes: Double
        package let bitsPerSecond: Double
        package let lostPercent: Double?

        private enum CodingKeys: String, CodingKey {
            case bytes
            case bitsPerSecond = "bits_per_second"
            case lostPercent = "lost_percent"
        }
    }

    private struct End: Decodable, Equatable {
        let sum_received: Totals?
        let sum: Totals?
    }

    /// What reached the receiver.
    package let received: Totals
    /// Of datagrams, in percent; zero for TCP.
    package let lostPercent: Double

    /// Why there is no result, in iperf3's own words or the decoder's.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private enum CodingKeys: String, CodingKey {
        case end
        case error
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let error = try container.decodeIfPresent(String.self, forKey: .error) {
            throw Refusal(description: error)
        }
        let end = try container.decode(End.self, forKey: .end)
        // `sum` counts datagrams that were lost, `sum_received` does not.
        guard let received = end.sum_received else { throw Refusal(description: "iperf3 gave no totals") }
        lostPercent = end.sum?.lostPercent ?? 0
        self.received = received
    }

    /// Reads the output of `iperf3 --json`.
    package init(parsing text: String) throws {
        self = try JSONDecoder().decode(Iperf3Report.self, from: Data(text.utf8))
    }
}
