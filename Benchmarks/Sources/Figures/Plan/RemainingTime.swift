/// Minutes and seconds as a clock shows them: `4:09`.
package func minutes(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds).rounded(.up))
    let rest = whole % 60
    return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
}
