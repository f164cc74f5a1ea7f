// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CVmnet

// <vmnet/vmnet.h>: references to networks and their configurations, which are all objects of Swift's.

@c @implementation
package func vmnet_object_retain(_ object: UnsafeRawPointer?) -> UnsafeRawPointer? {
    // Safety: whoever passes a reference holds the object.
    if let object = unsafe object { _ = unsafe Unmanaged<AnyObject>.fromOpaque(object).retain() }
    return unsafe object
}

@c @implementation
package func vmnet_object_release(_ object: UnsafeRawPointer?) {
    // Safety: the caller gives back a reference that is its own.
    if let object = unsafe object { unsafe Unmanaged<AnyObject>.fromOpaque(object).release() }
}
