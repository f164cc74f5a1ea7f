// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc

// <xpc/xpc.h>: any value, and single values.
//
// Safety, for all of these functions: pointers are what the header says. NULL is no value, and reads as 0, false or NULL.

@c @implementation
package func xpc_retain(_ object: xpc_object_t?) -> xpc_object_t? {
    unsafe XPCObject.lent(object)?.owned
}

@c @implementation
package func xpc_release(_ object: xpc_object_t?) {
    // Safety: the caller gives back a reference that is its own.
    if let object = unsafe object { unsafe Unmanaged<XPCObject>.fromOpaque(object).release() }
}

@c @implementation
package func xpc_get_type(_ object: xpc_object_t?) -> xpc_type_t? {
    unsafe XPCObject.lent(object)?.type
}

@c @implementation
package func xpc_type_get_name(_ type: xpc_type_t?) -> UnsafePointer<CChar>? {
    unsafe type?.pointee.name
}

@c @implementation
package func xpc_equal(_ object1: xpc_object_t?, _ object2: xpc_object_t?) -> Bool {
    unsafe XPCObject.lent(object1) == XPCObject.lent(object2)
}

@c @implementation
package func xpc_copy_description(_ object: xpc_object_t?) -> UnsafeMutablePointer<CChar>? {
    unsafe strdup(XPCObject.lent(object)?.description ?? "NULL")
}

@c @implementation
package func xpc_null_create() -> xpc_object_t? {
    unsafe XPCObject(.null).owned
}

@c @implementation
package func xpc_bool_create(_ value: Bool) -> xpc_object_t? {
    unsafe XPCObject(.bool(value)).owned
}

@c @implementation
package func xpc_bool_get_value(_ object: xpc_object_t?) -> Bool {
    unsafe XPCObject.lent(object)?.boolValue ?? false
}

@c @implementation
package func xpc_int64_create(_ value: Int64) -> xpc_object_t? {
    unsafe XPCObject(.int64(value)).owned
}

@c @implementation
package func xpc_int64_get_value(_ object: xpc_object_t?) -> Int64 {
    unsafe XPCObject.lent(object)?.int64Value ?? 0
}

@c @implementation
package func xpc_uint64_create(_ value: UInt64) -> xpc_object_t? {
    unsafe XPCObject(.uint64(value)).owned
}

@c @implementation
package func xpc_uint64_get_value(_ object: xpc_object_t?) -> UInt64 {
    unsafe XPCObject.lent(object)?.uint64Value ?? 0
}

@c @implementation
package func xpc_string_create(_ string: UnsafePointer<CChar>?) -> xpc_object_t? {
    unsafe string.map { unsafe XPCObject(.string(XPCBytes(string: $0))).owned }
}

@c @implementation
package func xpc_string_get_length(_ object: xpc_object_t?) -> Int {
    unsafe XPCObject.lent(object)?.stringBytes?.count ?? 0
}

@c @implementation
package func xpc_string_get_string_ptr(_ object: xpc_object_t?) -> UnsafePointer<CChar>? {
    unsafe XPCObject.lent(object)?.stringBytes?.string
}

@c @implementation
package func xpc_uuid_create(_ uuid: UnsafePointer<UInt8>?) -> xpc_object_t? {
    unsafe uuid.map { unsafe XPCObject(.uuid(XPCBytes(copying: $0, count: 16))).owned }
}

@c @implementation
package func xpc_uuid_get_bytes(_ object: xpc_object_t?) -> UnsafePointer<UInt8>? {
    unsafe XPCObject.lent(object)?.uuidBytes?.bytes
}

@c @implementation
package func xpc_data_create(_ bytes: UnsafeRawPointer?, _ length: Int) -> xpc_object_t? {
    unsafe XPCObject(.data(XPCBytes(copying: bytes, count: length))).owned
}

@c @implementation
package func xpc_data_get_length(_ object: xpc_object_t?) -> Int {
    unsafe XPCObject.lent(object)?.dataBytes?.count ?? 0
}

@c @implementation
package func xpc_data_get_bytes_ptr(_ object: xpc_object_t?) -> UnsafeRawPointer? {
    guard let bytes = unsafe XPCObject.lent(object)?.dataBytes, bytes.count > 0 else { return nil }
    return unsafe bytes.start
}
