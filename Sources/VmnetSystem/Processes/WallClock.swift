import Glibc

/// The time of day, which may jump; for what is written into files, never for timeouts.
package enum WallClock {
    /// Whole seconds since 1970-01-01 00:00 UTC.
    package static var secondsSinceEpoch: Int64 { Int64(time(nil)) }
}
