import VmnetDHCP
import VmnetSystem

/// The files that a network's leases are in: `leases`, in dnsmasq's format, and `leases.journal`, what has changed since.
///
/// One network at a time has the directory; anybody may read it.
final class LeaseDirectory: Sendable {
    /// 131,072 leases with the longest names and identifiers.
    private static let maximumByteCount = 128 << 20

    let path: String
    private let lock: FileLock
    private let journal: AppendFile

    private static func filePath(in directory: String) -> String { "\(directory)/leases" }
    private static func journalPath(in directory: String) -> String { "\(directory)/leases.journal" }

    /// - Throws: `.busy` when another network keeps its leases here.
    init(_ path: String) throws {
        try Directory.createPrivate(path)
        guard let lock = try FileLock.acquire("\(path)/lock") else {
            throw VmnetError(
                .busy, "another network keeps its leases in \(path)", hint: "choose another --state-dir or --name")
        }
        self.path = path
        self.lock = lock
        journal = try AppendFile(Self.journalPath(in: path))
    }

    /// How often the files are read anew because a network has just replaced one.
    private static let mostAttempts = 5

    /// What the files of a directory say; empty when there are none.
    ///
    /// A network moves what the journal says into the file, and empties the journal. Who reads the old file and then the
    /// empty journal would miss that, so both are read again when there is another file afterwards.
    static func read(_ directory: String) throws(SystemError) -> LeaseFile {
        var attempts = 0
        while true {
            let version = FileVersion(filePath(in: directory))
            let file = try readOnce(directory)
            attempts += 1
            if attempts == mostAttempts || FileVersion(filePath(in: directory)) == version { return file }
        }
    }

    private static func readOnce(_ directory: String) throws(SystemError) -> LeaseFile {
        var file = LeaseFile()
        for path in [filePath(in: directory), journalPath(in: directory)] {
            guard let bytes = try File.read(path, maximumByteCount: maximumByteCount) else { continue }
            file.read(bytes.span)
        }
        return file
    }

    /// Adds to the journal: from now on no crash of this process loses the changes.
    ///
    /// Each addition begins a line of its own, whatever a full disk or a crash has left of the one before.
    func append(_ changes: [LeaseChange]) throws(SystemError) {
        let bytes = Array("\n\(LeaseFile.text(of: changes))".utf8)
        try journal.append(bytes.span)
    }

    /// Writes the whole file; the journal begins anew. After a crash in between, reading the journal repeats changes
    /// that the file has already.
    func write(_ leases: [Lease]) throws(SystemError) {
        let bytes = Array(LeaseFile.text(of: leases).utf8)
        try File.replace(Self.filePath(in: path), with: bytes.span)
        try journal.truncate()
    }
}
