import Testing

@testable import Figures

@Suite struct NumberTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (0.06, 1, "0.1"), (999.96, 1, "1,000.0"), (1_234_567, 0, "1,234,567"),
        (-0.001, 2, "0.00"), (-1.5, 1, "-1.5"), (.infinity, 1, "–"),
    ])
    func `numbers are rounded and grouped`(value: Double, decimals: Int, text: String) {
        #expect(Number.text(value, decimals: decimals) == text)
    }
}
