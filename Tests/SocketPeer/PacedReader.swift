import Glibc

/// Reads a connection no faster than asked, 16 KiB at a time, and copies it to standard output.
struct PacedReader {
    /// The waits for more data that were longer than 50 ms.
    struct Waits {
        var count = 0
        /// In milliseconds, of all.
        var longest = 0
    }

    /// One connection; the process's end closes it.
    struct Connection {
        fileprivate let descriptor: Int32

        static func connect(to endpoint: Endpoint) throws(Failure) -> Connection {
            let new = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var endpoint = endpoint
            // Safety: the address is lent for the call.
            guard new >= 0, unsafe endpoint.withAddress({ unsafe Glibc.connect(new, $0, $1) }) == 0 else {
                throw Failure(errno: "connect to \(endpoint)")
            }
            return Connection(descriptor: new)
        }

        static func accept(at endpoint: Endpoint) throws(Failure) -> Connection {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var endpoint = endpoint
            // Safety: the address is lent for the call.
            guard listener >= 0, unsafe endpoint.withAddress({ unsafe bind(listener, $0, $1) }) == 0,
                listen(listener, 1) == 0
            else { throw Failure(errno: "listen at \(endpoint)") }
            let new = Glibc.accept(listener, nil, nil)
            guard new >= 0 else { throw Failure(errno: "accept") }
            return Connection(descriptor: new)
        }
    }

    private static let pieceByteCount = 16 << 10
    /// Nanoseconds that may be caught up with.
    private static let patience: UInt64 = 5_000_000

    private let connection: Connection
    private let nanosecondsPerByte: Double

    /// - Parameter rate: in bytes a second.
    init(_ connection: Connection, _ rate: Double) {
        self.connection = connection
        nanosecondsPerByte = 1e9 / rate
    }

    func copy() throws(Failure) -> Waits {
        var waits = Waits()
        var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
        var due = Self.now()
        while true {
            let asked = Self.now()
            // Safety: at most the array's length is read into it.
            let count = unsafe read(connection.descriptor, &piece, piece.count)
            guard count >= 0 else { throw Failure(errno: "read") }
            guard count > 0 else { return waits }
            let waited = Int((Self.now() - asked) / 1_000_000)
            if waited > 50 { waits.count += 1 }
            waits.longest = max(waits.longest, waited)
            try put(piece[..<count])
            // What a late wake-up missed is caught up with, but no pause of the sender's.
            due = max(due, asked - Self.patience) + UInt64(Double(count) * nanosecondsPerByte)
            Self.sleep(until: due)
        }
    }

    private func put(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            // Safety: the slice lives for the call.
            let count = unsafe rest.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(errno: "write") }
            rest = rest.dropFirst(count)
        }
    }

    /// In nanoseconds, of the monotonic clock.
    private static func now() -> UInt64 {
        var time = timespec()
        // Safety: one time, which lives for the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func sleep(until due: UInt64) {
        var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
        // Safety: one time, which lives for the call; what is left of it is nobody's concern.
        unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
    }
}
