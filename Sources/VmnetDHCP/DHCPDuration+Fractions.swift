import VmnetWire

/// The usual T1 and T2 of a lease (RFC 2131, 4.4.5). For ever stays for ever.
extension DHCPDuration {
    var half: DHCPDuration { isInfinite ? self : DHCPDuration(seconds: seconds / 2) }

    var sevenEighths: DHCPDuration { isInfinite ? self : DHCPDuration(seconds: seconds - seconds / 8) }
}
