/// A time to go, as people say it: `59 min 12 s`, `ended`.
struct RemainingTime: CustomStringConvertible {
    let seconds: Int64

    var description: String {
        switch seconds {
        case ...0: "ended"
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }
}
