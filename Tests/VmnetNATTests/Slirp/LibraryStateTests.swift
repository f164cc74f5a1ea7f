import CSlirp
import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// What libslirp shares with the whole process.
    @Suite struct LibraryStateTests {
        @Test(.enabled(if: !SlirpLibrary.isAtLeast(4, 8)))
        func `messages that a guest can provoke are counted, not printed`() async {
            let result = await #expect(
                processExitsWith: .success, observing: [\.standardErrorContent, \.standardOutputContent]
            ) {
                // As G_DEBUG=fatal-criticals in the environment does: it would make an abort of each message.
                _ = g_log_set_always_fatal(GLogLevelFlags(rawValue: G_LOG_LEVEL_CRITICAL.rawValue))
                let guest = try Guest { $0.nat66Prefix = "fd00::" }
                precondition(SlirpLibrary.messageCount == 0)
                let ping = guest.builder.echoRequest(from: "fd00::5", to: "2001:db8::1")
                for _ in 0..<100 { guest.sendBare(ping) }
                precondition(SlirpLibrary.messageCount == 100)
                precondition(SlirpLibrary.takeLastMessage() == "external icmpv6 not supported yet")
                precondition(SlirpLibrary.takeLastMessage() == nil)
                // The filter leaves it nothing to say.
                precondition(guest.send(ping) == .prohibited)
                precondition(SlirpLibrary.messageCount == 100)
            }
            #expect(result?.standardErrorContent.isEmpty == true)
        }

        @Test(arguments: [
            ("4.7.0", false), ("4.8.0", true), ("4.9.5", true), ("5.0.0", true), ("4.10.0-dev", true), ("", false),
            ("x.y", false), ("3.9.9", false),
        ])
        func `versions are compared as numbers`(version: String, isLater: Bool) {
            #expect(SlirpLibrary.isAtLeast(4, 8, version: version) == isLater)
        }

        @Test func `time counts from the process's start and never goes back`() throws {
            #expect(NATTime(.now).nanoseconds >= 1_000_000_000)
            #expect(NATTime(NATTime.epoch - .seconds(5)).nanoseconds == 1)
            #expect(NATTime(NATTime.epoch + .milliseconds(2500)).milliseconds == 2500)
            #expect(NATTime(nanoseconds: 7).adding(milliseconds: 3).instant == NATTime.epoch + .nanoseconds(3_000_007))
            let guest = try Guest()
            guest.pass(.seconds(10))
            let now = guest.nat.context.now.nanoseconds
            guest.nat.finishBatch(now: .now, room: guest.portRoom)
            #expect(guest.nat.context.now.nanoseconds >= now)
        }
    }
}
