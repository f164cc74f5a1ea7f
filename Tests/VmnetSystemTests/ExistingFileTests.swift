import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct ExistingFileTests {
    private let directory = TemporaryDirectory()

    @Test func `a link to nowhere does not exist, though it has a target`() throws {
        let link = directory.file("link")
        // Safety: the strings live for the call.
        #expect(unsafe symlink("/nonexistent/target", link) == 0)
        #expect(!File.exists(link))
        #expect(File.linkTarget(link) == "/nonexistent/target")
        #expect(File.permissions(link) == nil)
        #expect(File.linkTarget(directory.path) == nil)
        #expect(File.exists(directory.path))
    }

    @Test func `a file is overwritten only when it is there`() throws {
        let path = directory.file("setting")
        #expect(throws: SystemError("open \(path)", .noSuchFileOrDirectory)) { try File.overwrite(path, with: "1") }
        let nothing: [UInt8] = []
        try File.replace(path, with: nothing.span, mode: 0o640)
        try File.overwrite(path, with: "1")
        #expect(try File.read(path, maximumByteCount: 9) == [0x31])
        #expect(File.permissions(path) == 0o640)
    }

    @Test func `a device that opens is told from one that does not`() throws {
        try File.checkOpens("/dev/null")
        #expect(throws: SystemError("open /dev/nonexistent", .noSuchFileOrDirectory)) {
            try File.checkOpens("/dev/nonexistent")
        }
    }

    @Test func `a directory is made once, with its permissions`() throws {
        let path = directory.file("new")
        try File.makeDirectory(path, mode: 0o700)
        #expect(File.permissions(path) == 0o700)
        #expect(throws: SystemError("make the directory \(path)", .fileExists)) {
            try File.makeDirectory(path, mode: 0o700)
        }
    }
}
