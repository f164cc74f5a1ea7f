/// Whose machine this one runs on, by the DMI tables of its firmware.
package enum HostPlatform {
    /// The platform, if it is one whose network passes frames of addresses that it has given out, and no others, unless it
    /// is told to; nil otherwise.
    package static func filteringMACAddresses(vendor: String, product: String) -> String? {
        switch (vendor, product) {
        case ("Amazon EC2", _): "Amazon EC2"
        case ("Google", "Google Compute Engine"): "Google Compute Engine"
        case ("Microsoft Corporation", "Virtual Machine"): "Hyper-V or Azure"
        case ("VMware, Inc.", _): "VMware"
        default: nil
        }
    }

    /// Of this machine; nil where there are no such tables, as in most micro virtual machines.
    package static func filteringMACAddresses() -> String? {
        filteringMACAddresses(vendor: value("sys_vendor"), product: value("product_name"))
    }

    private static func value(_ name: String) -> String {
        let contents = (try? File.read("/sys/class/dmi/id/\(name)", maximumByteCount: 256)) ?? nil
        return String(decoding: (contents ?? []).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
