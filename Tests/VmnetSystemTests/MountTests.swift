import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct MountTests {
    @Test(.enabled(if: Privilege.mayMakeNetworks, "this user has no root"))
    func `mounts are seen in the namespace that made them, and in no other`() async throws {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let target = directory.file("target")
            try File.makeDirectory(target, mode: 0o755)
            let outside = Array("outside".utf8)
            let inside = Array("inside".utf8)
            try File.replace(directory.file("outside"), with: outside.span)

            let file = directory.file("outside")
            // On a thread of its own: this one stays where it is.
            let thread = try SystemThread(name: "test-mounts") {
                do {
                    try Namespace.unshare(.mount)
                    try Mount.detachFromParent()
                    try Mount.temporary(at: target)
                    try File.replace("\(target)/inside", with: inside.span)
                    try Mount.bind("\(target)/inside", over: file)
                    // What is bound from a mount stays when the mount is gone.
                    try Mount.detach(target)
                    #expect(!File.exists("\(target)/inside"))
                    #expect(try File.read(file, maximumByteCount: 99) == inside)
                } catch {
                    Issue.record(error)
                }
            }
            thread.join()
            #expect(try File.read(file, maximumByteCount: 99) == outside)
            #expect(directory.contents.sorted() == ["outside", "target"])
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "this user has no root"))
    func `an overlay adds files to a directory without writing there`() async throws {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let (target, scratch) = (directory.file("target"), directory.file("scratch"))
            for path in [target, scratch] { try File.makeDirectory(path, mode: 0o755) }
            let (old, new): ([UInt8], [UInt8]) = ([1], [2])
            try File.replace("\(target)/old", with: old.span)

            try Namespace.unshare(.mount)
            try Mount.detachFromParent()
            try Mount.temporary(at: scratch)
            for name in ["upper", "work"] { try File.makeDirectory("\(scratch)/\(name)", mode: 0o755) }
            try File.replace("\(scratch)/upper/new", with: new.span)
            try Mount.overlay("\(scratch)/upper", work: "\(scratch)/work", over: target)
            try Mount.detach(scratch)
            #expect(try File.read("\(target)/old", maximumByteCount: 9) == old)
            #expect(try File.read("\(target)/new", maximumByteCount: 9) == new)
            try Mount.detach(target)
            #expect(!File.exists("\(target)/new"))
            #expect(directory.contents.sorted() == ["scratch", "target"])
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "this user has no root"))
    func `a target that does not exist is named`() async throws {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.mount)
            try Mount.detachFromParent()
            #expect(throws: SystemError("mount a tmpfs at /nonexistent", .noSuchFileOrDirectory)) {
                try Mount.temporary(at: "/nonexistent")
            }
        }
    }
}
