import CVmnet
import Glibc

/// A value as C programs hold it: `xpc_object_t` is a reference to one.
///
/// Safety: single values never change, and a program may not change a collection while another thread uses it (xpc.h).
final class XPCObject: @unchecked Sendable {
    enum Content: Equatable {
        case null
        case bool(Bool)
        case int64(Int64)
        case uint64(UInt64)
        case string(XPCBytes)
        case uuid(XPCBytes)
        case data(XPCBytes)
        case array([XPCObject])
        case dictionary([Pair])
    }

    /// A key of a dictionary and its value.
    struct Pair: Equatable {
        let key: XPCBytes
        var value: XPCObject
    }

    var content: Content

    init(_ content: Content) { self.content = content }

    var type: xpc_type_t {
        // Safety: the addresses of constants.
        switch content {
        case .null: unsafe ovn_xpc_type_null()
        case .bool: unsafe ovn_xpc_type_bool()
        case .int64: unsafe ovn_xpc_type_int64()
        case .uint64: unsafe ovn_xpc_type_uint64()
        case .string: unsafe ovn_xpc_type_string()
        case .uuid: unsafe ovn_xpc_type_uuid()
        case .data: unsafe ovn_xpc_type_data()
        case .array: unsafe ovn_xpc_type_array()
        case .dictionary: unsafe ovn_xpc_type_dictionary()
        }
    }
}

extension XPCObject: Equatable {
    static func == (left: XPCObject, right: XPCObject) -> Bool {
        left === right || left.content == right.content
    }
}

/// References that C programs hold.
extension XPCObject {
    /// What a reference leads to; nil for NULL.
    static func lent(_ reference: xpc_object_t?) -> XPCObject? {
        // Safety: every xpc_object_t comes from `owned` or `lent`, and whoever passes one holds the object.
        unsafe reference.map { unsafe Unmanaged<XPCObject>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A reference that whoever gets it releases.
    var owned: xpc_object_t { unsafe Unmanaged.passRetained(self).toOpaque() }

    /// A reference that is good while somebody holds the object.
    var lent: xpc_object_t { unsafe Unmanaged.passUnretained(self).toOpaque() }
}

/// Single values, read as what they are; nil for any other type.
extension XPCObject {
    static func string(_ text: String) -> XPCObject { XPCObject(.string(.text(text))) }

    static func uint64(_ value: Int) -> XPCObject { XPCObject(.uint64(UInt64(value))) }

    var boolValue: Bool? { if case .bool(let value) = content { value } else { nil } }
    var int64Value: Int64? { if case .int64(let value) = content { value } else { nil } }
    var uint64Value: UInt64? { if case .uint64(let value) = content { value } else { nil } }
    var stringBytes: XPCBytes? { if case .string(let bytes) = content { bytes } else { nil } }
    var uuidBytes: XPCBytes? { if case .uuid(let bytes) = content { bytes } else { nil } }
    var dataBytes: XPCBytes? { if case .data(let bytes) = content { bytes } else { nil } }

    /// A string's text, with what is no UTF-8 replaced.
    var text: String? {
        // Safety: a C string that the object holds.
        stringBytes.map { unsafe String(cString: $0.string) }
    }
}

/// Collections; what is none has no values and takes none.
extension XPCObject {
    static func dictionary() -> XPCObject { XPCObject(.dictionary([])) }

    var values: [XPCObject]? { if case .array(let values) = content { values } else { nil } }
    var pairs: [Pair]? { if case .dictionary(let pairs) = content { pairs } else { nil } }

    /// The value of a key.
    func value(for key: UnsafePointer<CChar>?) -> XPCObject? {
        guard let key = unsafe key, let pairs, let index = unsafe Self.index(of: key, in: pairs) else { return nil }
        return pairs[index].value
    }

    /// Puts a value in place of what the key had; nil removes the key.
    func set(_ key: UnsafePointer<CChar>?, _ value: XPCObject?) {
        guard let key = unsafe key, case .dictionary(var pairs) = content else { return }
        // The array may be changed in place when nobody else has it.
        content = .dictionary([])
        defer { content = .dictionary(pairs) }
        switch (unsafe Self.index(of: key, in: pairs), value) {
        case (let index?, let value?): pairs[index].value = value
        case (let index?, nil): pairs.remove(at: index)
        case (nil, let value?): unsafe pairs.append(Pair(key: XPCBytes(string: key), value: value))
        case (nil, nil): break
        }
    }

    /// Descriptions and parameters have a dozen keys: looking at each is quicker than hashing.
    private static func index(of key: UnsafePointer<CChar>, in pairs: [Pair]) -> Int? {
        // Safety: both are C strings.
        pairs.firstIndex { unsafe strcmp($0.key.string, key) == 0 }
    }

    /// The value at an index of an array.
    func value(at index: Int) -> XPCObject? {
        guard let values, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// Puts a value in place of the one at `index`, or behind the last.
    func set(at index: Int, _ value: XPCObject) {
        guard case .array(var values) = content else { return }
        content = .array([])
        defer { content = .array(values) }
        if values.indices.contains(index) {
            values[index] = value
        } else if index == XPCObject.appendIndex {
            values.append(value)
        }
    }

    /// XPC_ARRAY_APPEND, the largest size_t.
    static let appendIndex = -1
}
