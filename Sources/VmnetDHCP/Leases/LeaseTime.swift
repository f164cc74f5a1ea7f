package import VmnetWire

/// A moment on the wall clock in whole seconds: leases outlive the process, so no other clock will do.
package struct LeaseTime: Hashable, Comparable, Sendable {
    /// `Int64.max` stands for never.
    package let secondsSince1970: Int64

    package init(secondsSince1970: Int64) {
        self.secondsSince1970 = secondsSince1970
    }

    package static let never = LeaseTime(secondsSince1970: .max)

    package static func < (left: LeaseTime, right: LeaseTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// An infinite duration, or one beyond the end of time, leads to never.
    package func advanced(by duration: DHCPDuration) -> LeaseTime {
        guard !duration.isInfinite else { return .never }
        let (sum, overflow) = secondsSince1970.addingReportingOverflow(Int64(duration.seconds))
        return overflow ? .never : LeaseTime(secondsSince1970: sum)
    }
}
