import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct FileTests {
    let directory = TemporaryDirectory()

    @Test(arguments: [false, true])
    func `a replaced file has the new contents and no companions`(isDurable: Bool) throws {
        let path = directory.file("leases")
        for text in ["first, and longer", "second", ""] {
            try replace(path, with: Array(text.utf8), isDurable: isDurable)
            #expect(try File.read(path, maximumByteCount: 1000) == Array(text.utf8))
        }
        #expect(directory.contents == ["leases"])
        var status = stat()
        // Safety: the string lives for the call, and the kernel fills one structure.
        #expect(unsafe lstat(path, &status) == 0)
        #expect(status.st_mode == S_IFREG | 0o600)
    }

    @Test func `a replacement that fails leaves the old contents and no companions`() throws {
        let path = directory.file("taken")
        // Safety: the string lives for the call.
        #expect(unsafe mkdir(path, 0o700) == 0)
        #expect(throws: SystemError("replace \(path)", .isDirectory)) { try replace(path, with: [1]) }
        #expect(directory.contents == ["taken"])
    }

    @Test func `a file that is missing is nil, one that is too long an error`() throws {
        let path = directory.file("leases")
        #expect(try File.read(path, maximumByteCount: 10) == nil)
        try replace(path, with: [UInt8](repeating: 7, count: 200_000))
        #expect(try File.read(path, maximumByteCount: 200_000)?.count == 200_000)
        #expect(throws: SystemError("read \(path)", .fileTooLarge)) {
            try File.read(path, maximumByteCount: 199_999)
        }
    }

    @Test func `appended bytes go to the end, wherever others write`() throws {
        let path = directory.file("journal")
        let first = try AppendFile(path)
        let second = try AppendFile(path)
        try first.append([1, 2].span)
        try second.append([3].span)
        try first.append([4].span)
        #expect(try File.read(path, maximumByteCount: 10) == [1, 2, 3, 4])
        try second.truncate()
        try first.append([5].span)
        #expect(try File.read(path, maximumByteCount: 10) == [5])
    }

    @Test func `after truncation the next bytes stand at the beginning`() throws {
        let file = try AppendFile(directory.file("journal"))
        try file.append([1, 2, 3].span)
        try file.truncate()
        try file.append([4].span)
        #expect(try File.read(directory.file("journal"), maximumByteCount: 10) == [4])
    }

    @Test func `a lock is held by one, and free when that one goes`() throws {
        let path = directory.file("lock")
        do {
            let lock = try FileLock.acquire(path)
            let isHeld = lock != nil
            #expect(isHeld)
            let isTaken = try FileLock.acquire(path) == nil
            #expect(isTaken)
            #expect(try FileLock.isHeld(path))
            withExtendedLifetime(lock) {}
        }
        #expect(try !FileLock.isHeld(path))
        let isFree = try FileLock.acquire(path) != nil
        #expect(isFree)
    }
}
