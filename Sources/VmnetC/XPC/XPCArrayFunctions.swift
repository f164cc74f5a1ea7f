// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet

// <xpc/xpc.h>: arrays.
//
// Safety, for all of these functions: pointers are what the header says. NULL is no array, and has no values.

@c @implementation
package func xpc_array_create(_ objects: UnsafePointer<xpc_object_t?>?, _ count: Int) -> xpc_object_t? {
    var values: [XPCObject] = []
    if let objects = unsafe objects {
        values = (0..<max(0, count)).compactMap { unsafe XPCObject.lent(objects[$0]) }
    }
    return unsafe XPCObject(.array(values)).owned
}

@c @implementation
package func xpc_array_create_empty() -> xpc_object_t? {
    unsafe XPCObject(.array([])).owned
}

@c @implementation
package func xpc_array_get_count(_ array: xpc_object_t?) -> Int {
    unsafe XPCObject.lent(array)?.values?.count ?? 0
}

@c @implementation
package func xpc_array_append_value(_ array: xpc_object_t?, _ value: xpc_object_t?) {
    guard let value = unsafe XPCObject.lent(value) else { return }
    unsafe XPCObject.lent(array)?.set(at: XPCObject.appendIndex, value)
}

@c @implementation
package func xpc_array_set_value(_ array: xpc_object_t?, _ index: Int, _ value: xpc_object_t?) {
    guard let value = unsafe XPCObject.lent(value) else { return }
    unsafe XPCObject.lent(array)?.set(at: index, value)
}

@c @implementation
package func xpc_array_get_value(_ array: xpc_object_t?, _ index: Int) -> xpc_object_t? {
    unsafe XPCObject.lent(array)?.value(at: index)?.lent
}

@c @implementation
package func xpc_array_get_bool(_ array: xpc_object_t?, _ index: Int) -> Bool {
    unsafe XPCObject.lent(array)?.value(at: index)?.boolValue ?? false
}

@c @implementation
package func xpc_array_get_int64(_ array: xpc_object_t?, _ index: Int) -> Int64 {
    unsafe XPCObject.lent(array)?.value(at: index)?.int64Value ?? 0
}

@c @implementation
package func xpc_array_get_uint64(_ array: xpc_object_t?, _ index: Int) -> UInt64 {
    unsafe XPCObject.lent(array)?.value(at: index)?.uint64Value ?? 0
}

@c @implementation
package func xpc_array_get_string(_ array: xpc_object_t?, _ index: Int) -> UnsafePointer<CChar>? {
    unsafe XPCObject.lent(array)?.value(at: index)?.stringBytes?.string
}

@c @implementation
package func ovn_xpc_array_apply(
    _ array: xpc_object_t?, _ context: UnsafeMutableRawPointer?, _ applier: ovn_xpc_array_applier?
) -> Bool {
    guard let values = unsafe XPCObject.lent(array)?.values, let applier = unsafe applier else { return false }
    // The array's copy holds its values, whatever the applier does.
    return values.enumerated().allSatisfy { index, value in unsafe applier(context, index, value.lent) }
}
