// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet

// <xpc/xpc.h>: dictionaries.
//
// Safety, for all of these functions: pointers are what the header says. NULL is no dictionary, and has no values.

@c @implementation
package func xpc_dictionary_create(
    _ keys: UnsafePointer<UnsafePointer<CChar>?>?, _ values: UnsafePointer<xpc_object_t?>?, _ count: Int
) -> xpc_object_t? {
    let dictionary = XPCObject.dictionary()
    if let keys = unsafe keys, let values = unsafe values {
        for index in 0..<max(0, count) { unsafe dictionary.set(keys[index], XPCObject.lent(values[index])) }
    }
    return unsafe dictionary.owned
}

@c @implementation
package func xpc_dictionary_create_empty() -> xpc_object_t? {
    unsafe XPCObject.dictionary().owned
}

@c @implementation
package func xpc_dictionary_get_count(_ dictionary: xpc_object_t?) -> Int {
    unsafe XPCObject.lent(dictionary)?.pairs?.count ?? 0
}

@c @implementation
package func xpc_dictionary_set_value(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ value: xpc_object_t?
) {
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject.lent(value))
}

@c @implementation
package func xpc_dictionary_set_bool(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ value: Bool) {
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.bool(value)))
}

@c @implementation
package func xpc_dictionary_set_int64(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ value: Int64) {
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.int64(value)))
}

@c @implementation
package func xpc_dictionary_set_uint64(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ value: UInt64) {
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.uint64(value)))
}

@c @implementation
package func xpc_dictionary_set_string(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ string: UnsafePointer<CChar>?
) {
    guard let string = unsafe string else { return }
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.string(XPCBytes(string: string))))
}

@c @implementation
package func xpc_dictionary_set_uuid(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ uuid: UnsafePointer<UInt8>?
) {
    guard let uuid = unsafe uuid else { return }
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.uuid(XPCBytes(copying: uuid, count: 16))))
}

@c @implementation
package func xpc_dictionary_set_data(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ bytes: UnsafeRawPointer?, _ length: Int
) {
    unsafe XPCObject.lent(dictionary)?.set(key, XPCObject(.data(XPCBytes(copying: bytes, count: length))))
}

@c @implementation
package func xpc_dictionary_get_value(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?
) -> xpc_object_t? {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.lent
}

@c @implementation
package func xpc_dictionary_get_bool(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?) -> Bool {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.boolValue ?? false
}

@c @implementation
package func xpc_dictionary_get_int64(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?) -> Int64 {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.int64Value ?? 0
}

@c @implementation
package func xpc_dictionary_get_uint64(_ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?) -> UInt64 {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.uint64Value ?? 0
}

@c @implementation
package func xpc_dictionary_get_string(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?
) -> UnsafePointer<CChar>? {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.stringBytes?.string
}

@c @implementation
package func xpc_dictionary_get_uuid(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?
) -> UnsafePointer<UInt8>? {
    unsafe XPCObject.lent(dictionary)?.value(for: key)?.uuidBytes?.bytes
}

@c @implementation
package func xpc_dictionary_get_data(
    _ dictionary: xpc_object_t?, _ key: UnsafePointer<CChar>?, _ length: UnsafeMutablePointer<Int>?
) -> UnsafeRawPointer? {
    let bytes = unsafe XPCObject.lent(dictionary)?.value(for: key)?.dataBytes
    if let length = unsafe length { unsafe length.pointee = bytes?.count ?? 0 }
    guard let bytes, bytes.count > 0 else { return nil }
    return unsafe bytes.start
}

@c @implementation
package func ovn_xpc_dictionary_apply(
    _ dictionary: xpc_object_t?, _ context: UnsafeMutableRawPointer?, _ applier: ovn_xpc_dictionary_applier?
) -> Bool {
    guard let pairs = unsafe XPCObject.lent(dictionary)?.pairs, let applier = unsafe applier else { return false }
    // The array holds keys and values, whatever the applier does to the dictionary.
    return pairs.allSatisfy { unsafe applier(context, $0.key.string, $0.value.lent) }
}
