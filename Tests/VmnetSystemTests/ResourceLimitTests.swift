import Glibc
import Testing
import VmnetSystem

@Suite struct ResourceLimitTests {
    @Test func `the limit of open files is raised to what is allowed`() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit()
            // Safety: the kernel reads and fills one structure.
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = 64
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let raised = try ResourceLimit.raiseDescriptorLimit()
            #expect(raised == limit.rlim_max)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(limit.rlim_cur == limit.rlim_max)
        }
    }

    @Test func `the time of day is this century's`() {
        #expect((1_767_225_600...4_102_444_800).contains(WallClock.secondsSinceEpoch))
    }
}
