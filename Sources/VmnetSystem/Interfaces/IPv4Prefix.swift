/// An IPv4 address or network with a prefix length, as the kernel knows it.
package struct IPv4Prefix: Hashable, Sendable {
    /// The four octets, the first in the highest bits.
    package let bits: UInt32
    /// 0...32.
    package let prefixLength: Int

    package init(bits: UInt32, prefixLength: Int) {
        self.bits = bits
        self.prefixLength = prefixLength
    }
}
