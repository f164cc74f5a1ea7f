import Testing

@testable import openvmnet

@Suite struct KernelFactsTests {
    @Test(arguments: [
        ("Name:\tsh\nSeccomp:\t2\nSeccomp_filters:\t1\n", true), ("Seccomp:\t0\nSeccomp_filters:\t0\n", false),
        ("Seccomp:\t1\n", false), ("", false),
    ])
    func `a seccomp filter shows as mode 2`(status: String, isFiltered: Bool) {
        #expect(KernelFacts.hasSeccompFilter(status) == isFiltered)
    }

    @Test(arguments: [
        ("22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n23 22 0:20 / /proc rw - proc proc rw\n", false),
        ("23 22 0:20 / /proc rw - proc proc rw\n", true), ("", false),
    ])
    func `a process without a mount at its root directory is in a chroot`(mounts: String, isChroot: Bool) {
        #expect(KernelFacts.isChroot(mounts: mounts) == isChroot)
    }

    @Test func `the path of this program is read`() {
        #expect(KernelFacts.current().executable.hasPrefix("/"))
    }
}
