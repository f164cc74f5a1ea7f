import CVmnet
import Testing

@testable import VmnetC

@Suite struct XPCTests {
    @Test func `a dictionary holds its values, and what was retained outlives it`() throws {
        let dictionary = unsafe try #require(xpc_dictionary_create_empty())
        unsafe xpc_dictionary_set_string(dictionary, "a", "192.168.64.1")
        let value = unsafe xpc_retain(xpc_dictionary_get_value(dictionary, "a"))
        #expect(unsafe xpc_get_type(value) == ovn_xpc_type_string())
        unsafe xpc_dictionary_set_value(dictionary, "a", nil)
        #expect(unsafe xpc_dictionary_get_count(dictionary) == 0)
        unsafe xpc_release(dictionary)
        #expect(unsafe String(cString: xpc_string_get_string_ptr(value)) == "192.168.64.1")
        unsafe xpc_release(value)
    }

    @Test func `a key has one value, and keys keep the order in which they came`() throws {
        let dictionary = XPCObject.dictionary()
        unsafe dictionary.set("b", .uint64(1))
        unsafe dictionary.set("a", .uint64(2))
        unsafe dictionary.set("b", .uint64(3))
        let pairs = try #require(dictionary.pairs)
        #expect(pairs.map(\.value.uint64Value) == [3, 2])
    }

    @Test func `what is absent, NULL or of another type reads as nothing`() {
        let dictionary = XPCObject.dictionary()
        unsafe dictionary.set("number", XPCObject(.int64(7)))
        let reference = unsafe dictionary.lent
        #expect(unsafe xpc_dictionary_get_uint64(reference, "number") == 0)
        #expect(unsafe xpc_dictionary_get_int64(reference, "number") == 7)
        #expect(unsafe xpc_dictionary_get_string(reference, "number") == nil)
        #expect(unsafe xpc_dictionary_get_uuid(reference, "absent") == nil)
        #expect(unsafe xpc_dictionary_get_bool(nil, "number") == false)
        #expect(unsafe xpc_array_get_count(reference) == 0)
        #expect(unsafe xpc_array_get_value(reference, 0) == nil)
        unsafe xpc_array_append_value(reference, reference)
        xpc_release(nil)
        withExtendedLifetime(dictionary) {}
    }

    @Test func `an array takes values at an index, and behind the last`() {
        let array = XPCObject(.array([]))
        let (first, second) = (XPCObject.string("eth0"), XPCObject.string("eth1"))
        array.set(at: XPCObject.appendIndex, first)
        array.set(at: 0, second)
        array.set(at: 1, first)
        #expect(array.values == [second])
        #expect(array.value(at: 1) == nil)
    }

    @Test func `a loop ends when its function says so, and may change what it loops over`() {
        let dictionary = XPCObject.dictionary()
        for key in ["a", "b", "c"] { unsafe dictionary.set(key, .string(key)) }
        let isWhole = unsafe ovn_xpc_dictionary_apply(dictionary.lent, dictionary.lent) { context, key, value in
            let isOwn = unsafe String(cString: xpc_string_get_string_ptr(value)) == String(cString: key!)
            unsafe xpc_dictionary_set_value(context, key, nil)
            return unsafe isOwn && key![0] != CChar(UInt8(ascii: "b"))
        }
        #expect(!isWhole)
        #expect(dictionary.pairs?.count == 1)
    }

    @Test func `values are equal when their types and contents are`() {
        let left = XPCObject(.array([.string("a"), XPCObject(.uuid(.octets(Array(0..<16))))]))
        let right = XPCObject(.array([.string("a"), XPCObject(.uuid(.octets(Array(0..<16))))]))
        #expect(left == right)
        #expect(XPCObject(.int64(1)) != XPCObject(.uint64(1)))
    }

    @Test func `a description names every key and value`() {
        let dictionary = XPCObject.dictionary()
        unsafe dictionary.set("vmnet_mtu", .uint64(1500))
        unsafe dictionary.set("vmnet_interface_id", XPCObject(.uuid(.octets(Array(0..<16)))))
        #expect(
            dictionary.description == """
                dictionary of 2 {
                    "vmnet_mtu" => uint64 1500
                    "vmnet_interface_id" => uuid 00010203-0405-0607-0809-0A0B0C0D0E0F
                }
                """)
    }

    @Test func `references are counted right by threads that share a value`() async throws {
        weak var watched: XPCObject?
        do {
            let object = XPCObject.string("shared")
            watched = object
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<10_000 { unsafe xpc_release(xpc_retain(object.lent)) }
                    }
                }
            }
        }
        #expect(watched == nil)
    }
}
