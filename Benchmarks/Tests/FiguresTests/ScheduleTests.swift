import Testing

@testable import Figures

@Suite struct ScheduleTests {
    private let items = [
        Schedule.Item(measurement: "tcp", paths: ["a", "b"], rounds: 2, expectedSeconds: 3),
        Schedule.Item(measurement: "idle", paths: ["a"], rounds: 1, expectedSeconds: 10),
    ]

    @Test func `a measurement goes round by round over all paths`() {
        let visits = Schedule(items).visits.map { "\($0.measurement) \($0.path) \($0.round)" }
        #expect(visits == ["tcp a 1", "tcp b 1", "tcp a 2", "tcp b 2", "idle a 1"])
    }

    @Test func `before anything is done the expectation is all there is`() {
        let schedule = Schedule(items)
        #expect(schedule.remainingSeconds == 22)
        #expect(schedule.doneShare(elapsedSeconds: 0) == 0)
    }

    @Test func `what a visit took is what the same visit is expected to take again`() {
        var schedule = Schedule(items)
        schedule.finish(schedule.visits[0], seconds: 5)
        // b once and a once more, b again, and idle.
        #expect(schedule.remainingSeconds == 3 + 5 + 3 + 10)
    }

    @Test func `when all is done nothing remains`() {
        var schedule = Schedule(items)
        for visit in schedule.visits { schedule.finish(visit, seconds: 1) }
        #expect(schedule.remainingSeconds == 0)
        #expect(schedule.doneShare(elapsedSeconds: 5) == 1)
    }

    @Test(arguments: [(0.0, "0:00"), (59.2, "1:00"), (61, "1:01"), (-3, "0:00"), (600, "10:00")])
    func `remaining time is minutes and seconds, never less than there is`(seconds: Double, text: String) {
        #expect(minutes(seconds) == text)
    }
}
