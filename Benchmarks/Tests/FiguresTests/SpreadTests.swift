import Testing

@testable import Figures

@Suite struct SpreadTests {
    @Test func `the median of three samples is the middle one, whatever their order`() {
        let spread = Spread(of: [3, 1, 2])
        #expect(spread?.median == 2)
        #expect(spread?.least == 1)
        #expect(spread?.most == 3)
    }

    @Test func `the median of two samples lies between them`() {
        #expect(Spread(of: [1, 2])?.median == 1.5)
    }

    @Test func `no samples have no spread`() {
        #expect(Spread(of: []) == nil)
    }
}
