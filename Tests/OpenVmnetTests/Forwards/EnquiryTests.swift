import Testing

@testable import OpenVmnet

@Suite struct EnquiryTests {
    private let start = ContinuousClock.now

    @Test func `it is asked at once, and again with longer and longer pauses, and then no more`() {
        var enquiry = Enquiry(from: start)
        var seconds: [Int] = []
        for second in 0..<100 where enquiry.take(now: start + .seconds(second)) { seconds.append(second) }
        #expect(seconds == [0, 1, 3, 7])
        #expect(!enquiry.isOpen && enquiry.due == nil)
    }

    @Test func `none is never due`() {
        var enquiry = Enquiry()
        #expect(!enquiry.isOpen && enquiry.due == nil)
        #expect(enquiry.take(now: start) == false)
    }
}
