/// Something that the program does over and over, by itself.
public struct Workload: Sendable {
    /// What it belongs to and what it is: `switch.unicast`.
    public let name: String
    /// What is done once.
    public let operation: String
    /// Makes what the work needs; the result does the operation so many times.
    public let prepare: @Sendable () throws -> (_ count: Int) -> Void

    init(_ name: String, _ operation: String, prepare: @escaping @Sendable () throws -> (_ count: Int) -> Void) {
        self.name = name
        self.operation = operation
        self.prepare = prepare
    }

    /// All there are.
    public static let all =
        [parse] + checksums + [segmentation, coalescing, switchUnicast, switchFlood, switchBridged, dhcpExchange]
        + [natInput, natOutput, natOpening] + datagrams + [
            streamBatch, networkFrame, networkBatch, networkLocked, interfaceBatch,
        ]
}

/// Makes the compiler believe that a result is needed.
@inline(never)
func use<Result>(_ result: Result) {
    withExtendedLifetime(result) {}
}

/// Repeats what has worked before; if it does not, there is nothing to measure.
func repeating(_ operation: @escaping () throws -> Void) -> (_ count: Int) -> Void {
    { count in
        do {
            for _ in 0..<count { try operation() }
        } catch {
            fatalError("\(error)")
        }
    }
}
