import CVmnetLinux
import Glibc
import SystemPackage

/// `struct ifreq`: the interface's name in 16 bytes, then a union at offset 16 that holds one value or one address.
struct InterfaceRequest {
    // Safety: only the size of the type is used.
    var bytes = [UInt8](repeating: 0, count: unsafe MemoryLayout<ifreq>.size)
    private static let valueOffset = Int(IFNAMSIZ)

    init(_ name: String) throws(SystemError) {
        let name = Array(name.utf8)
        // IFNAMSIZ counts the terminating zero.
        guard (1..<Int(IFNAMSIZ)).contains(name.count), !name.contains(0) else {
            throw SystemError("use \(String(decoding: name, as: UTF8.self)) as an interface's name", .invalidArgument)
        }
        bytes.replaceSubrange(0..<name.count, with: name)
    }

    /// `ifr_flags`.
    var flags: Int16 {
        get {
            // Safety: the request is longer than the offset and two bytes.
            unsafe bytes.withUnsafeBytes { unsafe $0.load(fromByteOffset: Self.valueOffset, as: Int16.self) }
        }
        set { store(newValue) }
    }

    /// Of whatever interface the request is to find out.
    init() {}

    /// The name, once the kernel has written it.
    var name: String {
        String(decoding: bytes[..<Self.valueOffset].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// `ifr_mtu`, `ifr_ifindex` and `ifr_hwaddr`, as the kernel has written them.
    func load<Value: BitwiseCopyable>(_ type: Value.Type) -> Value {
        // Safety: the union holds a sockaddr, and no member that is loaded is longer.
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: Self.valueOffset, as: type) }
    }

    /// `ifr_mtu`, `ifr_addr` and `ifr_hwaddr`; `Value` is the C type of the union's member.
    mutating func store<Value: BitwiseCopyable>(_ value: Value) {
        // Safety: the union holds a sockaddr, and no member that is stored is longer.
        unsafe bytes.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: value, toByteOffset: Self.valueOffset, as: Value.self)
        }
    }
}
