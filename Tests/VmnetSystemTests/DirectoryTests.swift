import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct DirectoryTests {
    let directory = TemporaryDirectory()

    @Test func `missing directories are made for this user only`() throws {
        let path = directory.file("a/b/c")
        try Directory.createPrivate(path)
        try Directory.createPrivate(path)
        for part in ["a", "a/b", "a/b/c"] {
            var status = stat()
            // Safety: the string lives for the call, and the kernel fills one structure.
            #expect(unsafe lstat(directory.file(part), &status) == 0)
            #expect(status.st_mode == S_IFDIR | 0o700)
        }
    }

    @Test func `what is in a directory is listed, and one that is missing is an error`() throws {
        #expect(try Directory.names(in: directory.path) == [])
        try Directory.createPrivate(directory.file("one"))
        try Directory.createPrivate(directory.file("two"))
        #expect(try Set(Directory.names(in: directory.path)) == ["one", "two"])
        #expect(throws: SystemError("list \(directory.file("three"))", .noSuchFileOrDirectory)) {
            try Directory.names(in: directory.file("three"))
        }
    }

    @Test func `a directory that others may write to is refused`() throws {
        let path = directory.file("open")
        try Directory.createPrivate(path)
        // Safety: the string lives for the call.
        #expect(unsafe chmod(path, 0o777) == 0)
        #expect(
            throws: SystemError(
                "use the directory \(path)", .notPermitted,
                remedy: "it has to be one that others cannot write to: chmod 700 \(path)")
        ) {
            try Directory.createPrivate(path)
        }
    }

    @Test func `a file or a link in the directory's place is refused`() throws {
        let file = directory.file("file")
        try replace(file, with: [])
        #expect(
            throws: SystemError(
                "use the directory \(file)", .notPermitted,
                remedy: "it has to be a directory of your own; choose another")
        ) {
            try Directory.createPrivate(file)
        }
        #expect(throws: SystemError.self) { try Directory.createPrivate(file + "/below") }
        try Directory.createPrivate(directory.file("real"))
        // Safety: the strings live for the call.
        #expect(unsafe symlink(directory.file("real"), directory.file("link")) == 0)
        #expect(throws: SystemError.self) { try Directory.createPrivate(directory.file("link")) }
    }

    @Test func `state lives where the environment says`() throws {
        #expect(try Directory.state { ["XDG_STATE_HOME": "/s", "HOME": "/h"][$0] } == "/s/openvmnet")
        #expect(try Directory.state { ["HOME": "/h"][$0] } == "/h/.local/state/openvmnet")
        // The specification has relative paths ignored.
        #expect(
            try Directory.state { ["XDG_STATE_HOME": "s", "HOME": "/h"][$0] } == "/h/.local/state/openvmnet")
        #expect(throws: SystemError.self) { try Directory.state { _ in nil } }
    }

    @Test func `sockets live where the environment says, or in a place of this user's`() {
        #expect(Directory.runtime({ ["XDG_RUNTIME_DIR": "/r"][$0] }) == "/r/openvmnet")
        #expect(Directory.runtime({ ["XDG_RUNTIME_DIR": ""][$0] }, user: 4_000_000) == "/tmp/openvmnet-4000000")
        #expect(Directory.runtime({ _ in nil }, user: 4_000_000) == "/tmp/openvmnet-4000000")
    }
}
