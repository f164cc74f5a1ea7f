import VmnetSystem

/// The datagrams of one batch on their way to the host's sockets: copies of their payloads, one behind the other.
struct DatagramStaging {
    /// Bytes of payload that are collected at most, several of the longest datagrams.
    static let byteCapacity = 256 << 10
    static let recordCapacity = 1024

    struct Record {
        let range: Range<Int>
        let peer: InternetEndpoint
        /// For a super-frame, bytes of each datagram but the last; else 0.
        let segmentByteCount: UInt16
        /// 0 = the host's.
        let hopLimit: UInt8
        let typeOfService: UInt8
        /// The next one of the same flow; -1 = none.
        var next: Int32 = -1

        var byteCount: Int { range.count }

        /// Whether both may leave in one message.
        @inline(__always)
        func isLike(_ other: Record) -> Bool {
            segmentByteCount == 0 && other.segmentByteCount == 0 && peer == other.peer && hopLimit == other.hopLimit
                && typeOfService == other.typeOfService
        }
    }

    var records: [Record] = []
    private(set) var bytes: [UInt8] = []

    /// Whether something was ever staged in it: a record, for a datagram may be empty.
    var isUsed: Bool { records.capacity > 0 }

    func hasRoom(for byteCount: Int) -> Bool {
        records.count < Self.recordCapacity && bytes.count + byteCount <= Self.byteCapacity
    }

    /// Copies a payload, and returns where it lies.
    mutating func append(_ payload: Span<UInt8>) -> Range<Int> {
        let start = bytes.count
        // Safety: the buffer is read during the call only.
        unsafe payload.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        return start..<bytes.count
    }

    /// Hands out the payloads, to be sent from while the records are looked at.
    mutating func takeBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    /// Begins anew.
    ///
    /// - Parameter memory: what `takeBytes` has handed out.
    mutating func removeAll(keeping memory: consuming [UInt8]) {
        records.removeAll(keepingCapacity: true)
        bytes = memory
        bytes.removeAll(keepingCapacity: true)
    }
}
