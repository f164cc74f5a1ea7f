import Glibc
import Testing
import VmnetSystem

@Suite struct PassedDescriptorsTests {
    // In processes of their own, where nobody else opens descriptors; but the test library's are among the first.

    @Test func `they are found by name, and each is taken once`() async {
        await #expect(processExitsWith: .success) {
            for number: Int32 in 103...105 { dup2(0, number) }
            var passed = PassedDescriptors(
                { ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "net:guest-1:net"][$0] },
                start: 103)
            #expect(passed.contains { $0 == "guest-1" })
            #expect(passed.take { $0 == "net" }.map(\.number) == [103, 105])
            #expect(passed.take { $0 == "net" } == [])
            #expect(passed.take { _ in true }.map(\.number) == [104])
            #expect(fcntl(103, F_GETFD) == FD_CLOEXEC)
        }
    }

    @Test func `those without names, and those that are closed, are no obstacle`() async {
        await #expect(processExitsWith: .success) {
            dup2(0, 103)
            close(104)
            var passed = PassedDescriptors({ ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2"][$0] }, start: 103)
            let items = passed.take { _ in true }
            #expect(items.map(\.name) == ["unknown"])
            #expect(items.map(\.number) == [103])
        }
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "1", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
        ["LISTEN_PID": "7", "LISTEN_FDS": "-1"], ["LISTEN_PID": "7", "LISTEN_FDS": "99999999999"],
        ["LISTEN_PID": "7", "LISTEN_FDS": "all"], ["LISTEN_PID": "", "LISTEN_FDS": "1"],
    ])
    func `what is meant for another process, or makes no sense, is nothing`(environment: [String: String]) {
        #expect(!PassedDescriptors({ environment[$0] }, process: 7).contains { _ in true })
    }
}
