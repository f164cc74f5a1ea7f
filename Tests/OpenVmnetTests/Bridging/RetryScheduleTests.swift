import Testing
import VmnetTesting

@testable import OpenVmnet

@Suite struct RetryScheduleTests {
    private var clock = ManualClock()
    private var schedule = RetrySchedule()

    private mutating func takeDue() -> Bool { schedule.takeDue(now: clock.now) }
    private mutating func takeNews() -> Bool { schedule.takeNews(now: clock.now) }

    /// How long after each of so many failures the next try is due, in seconds.
    private mutating func delays(_ count: Int) throws -> [Int64] {
        var delays: [Int64] = []
        for _ in 0..<count {
            schedule.postpone(now: clock.now)
            let delay = try #require(schedule.due) - clock.now
            clock.advance(by: delay)
            #expect(takeDue() && schedule.due == nil)
            delays.append(delay.components.seconds)
        }
        return delays
    }

    @Test mutating func `an interface that cannot be opened is tried ever more rarely`() throws {
        #expect(schedule.due == nil)
        #expect(try delays(7) == [1, 2, 4, 8, 16, 30, 30])
        schedule.end()
        #expect(schedule.due == nil)
        #expect(try delays(2) == [1, 2])
    }

    @Test mutating func `nothing is tried before its time`() throws {
        schedule.postpone(now: clock.now)
        clock.advance(by: .milliseconds(999))
        #expect(!takeDue())
        clock.advance(by: .milliseconds(1))
        #expect(takeDue())
        #expect(!takeDue())
    }

    @Test mutating func `news bring the next try at once, and do not make failures less rare`() throws {
        #expect(try delays(3) == [1, 2, 4])
        schedule.postpone(now: clock.now)
        #expect(takeNews() && schedule.due == nil)
        #expect(try delays(1) == [16])
    }

    @Test mutating func `an interface that changes all the time is tried once a second`() throws {
        for _ in 0..<10 { #expect(takeNews()) }
        var tries = 0
        for _ in 0..<1000 {
            clock.advance(by: .milliseconds(10))
            if takeNews() || takeDue() { tries += 1 }
            if schedule.due == nil { schedule.postpone(now: clock.now) }
        }
        #expect(tries == 10)
    }
}
