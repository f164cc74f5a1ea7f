import VmnetNAT

extension NATConfiguration {
    /// Makes it that of host mode: nothing beyond the host, and no resolver.
    mutating func confine() {
        reachesOutside = false
        reachesOutside6 = false
        offersResolver = false
    }
}
