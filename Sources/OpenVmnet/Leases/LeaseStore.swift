import Logging
import VmnetDHCP
import VmnetSystem

/// Keeps the leases of a network where a crash does not reach them, or in memory only.
///
/// A change is in the journal before the client hears of it, so no crash makes an address belong to two. The file
/// follows as a whole once changes pause: a burst of guests costs one rewrite, not one each.
struct LeaseStore {
    /// The file is written when nothing has changed for this long, so that a boot storm is not held up by it...
    private static let quietPeriod = Duration.milliseconds(50)
    /// ... nor takes writing it more than this part of the time...
    private static let restFactor = 20
    /// ... but at the latest after so many changes, or the journal would grow without end.
    private static let mostChanges = 65536
    /// A file that could not be written is tried again after this long.
    private static let retryPeriod = Duration.seconds(5)

    /// nil: in memory only.
    private let directory: LeaseDirectory?
    private let logger: Logger
    /// Changes that the file does not have.
    private var pendingCount = 0
    private var lastChange: ContinuousClock.Instant
    /// The file may be written again from then on.
    private var restEnd: ContinuousClock.Instant
    private var hasFailed = false

    init(directory: LeaseDirectory?, logger: Logger) {
        self.directory = directory
        self.logger = logger
        lastChange = .now
        restEnd = lastChange
    }

    /// What was leased when the network ended, however it ended.
    func load() throws(SystemError) -> [Lease] {
        guard let directory else { return [] }
        let file = try LeaseDirectory.read(directory.path)
        if file.damagedLineCount > 0 {
            logger.warning(
                "skipped lines that are no leases",
                metadata: ["directory": "\(directory.path)", "lines": "\(file.damagedLineCount)"])
        }
        return file.leases
    }

    /// When `write` is due; nil when the file has everything.
    var deadline: ContinuousClock.Instant? {
        if pendingCount == 0 { return nil }
        return pendingCount < Self.mostChanges ? max(lastChange + Self.quietPeriod, restEnd) : lastChange
    }

    /// Notes changes in the journal.
    mutating func record(_ changes: [LeaseChange], now: ContinuousClock.Instant) {
        guard !changes.isEmpty, let directory else { return }
        pendingCount += changes.count
        lastChange = now
        attempt { () throws(SystemError) in try directory.append(changes) }
    }

    /// Writes the whole file, if it is behind.
    mutating func write(_ leases: @autoclosure () -> [Lease]) {
        guard pendingCount > 0, let directory else { return }
        let start = ContinuousClock.now
        attempt { () throws(SystemError) in try directory.write(leases()) }
        let end = ContinuousClock.now
        if hasFailed {
            restEnd = end + Self.retryPeriod
            pendingCount = 1
        } else {
            restEnd = end + (end - start) * Self.restFactor
            pendingCount = 0
        }
    }

    /// Reports a failure once until it works again. Guests keep their leases meanwhile: they are in memory.
    private mutating func attempt(_ body: () throws(SystemError) -> Void) {
        do throws(SystemError) {
            try body()
            hasFailed = false
        } catch {
            if !hasFailed { logger.error("leases are not saved: \(error)") }
            hasFailed = true
        }
    }
}
