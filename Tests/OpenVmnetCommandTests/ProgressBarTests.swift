import Testing

@testable import openvmnet

@Suite struct ProgressBarTests {
    private static let mebibyte = 1 << 20
    private let bar = ProgressBar(label: "download", total: 256 << 20, width: 10)

    @Test func `the bar fills with what is done`() {
        #expect(bar.line(done: 0, seconds: 0) == "download [..........]   0/256 MiB   0.0 MB/s")
        #expect(bar.line(done: 128 << 20, seconds: 1) == "download [#####.....] 128/256 MiB   134 MB/s")
        #expect(bar.line(done: 256 << 20, seconds: 1) == "download [##########] 256/256 MiB   268 MB/s")
    }

    @Test func `every line of a transfer is as long as the last`() {
        let lengths = Set((0...256).map { bar.line(done: $0 << 20, seconds: Double($0) / 100 + 0.1).count })
        #expect(lengths == [bar.line(done: 256 << 20, seconds: 1).count])
    }

    @Test func `more or less than there is to do is drawn as all or nothing`() {
        #expect(bar.line(done: 512 << 20, seconds: 1).hasPrefix("download [##########] 256/256 MiB"))
        #expect(bar.line(done: -1, seconds: 1).hasPrefix("download [..........]   0/256 MiB"))
        #expect(
            ProgressBar(label: "none", total: 0, width: 4).line(done: 0, seconds: 0).hasPrefix("none [####] 0/0 MiB"))
    }

    @Test(arguments: [
        (0, "  0.0 MB/s"), (1_234_567, "  1.2 MB/s"), (9_960_000, " 10.0 MB/s"), (10_400_000, "   10 MB/s"),
        (412_000_000, "  412 MB/s"), (3_020_064_983, " 3020 MB/s"),
    ])
    func `a speed is in megabytes, with a digit after the point only when it is low`(
        bytesPerSecond: Int, text: String
    ) {
        #expect(ProgressBar.speed(Double(bytesPerSecond)) == text)
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (0.005, 2, "0.01"), (1.999, 1, "2.0"), (12.34, 0, "12"), (-0.5, 1, "-0.5"), (-0.01, 1, "0.0"),
        (3.05, 2, "3.05"),
    ])
    func `a decimal has as many digits as asked for`(value: Double, digits: Int, text: String) {
        #expect(decimal(value, digits: digits) == text)
    }
}
