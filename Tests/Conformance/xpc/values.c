// xpc's values: types by identity, getters that take nothing for granted, and whose reference is whose.
#include <string.h>

#include <vmnet/vmnet.h>

#include "../Support/expect.h"

static void check_types(void) {
    const uuid_t id = {1, 2, 3};
    xpc_object_t values[] = {
        xpc_uint64_create(1), xpc_int64_create(-1), xpc_string_create("one"), xpc_uuid_create(id),
        xpc_bool_create(true), xpc_data_create("12", 2), xpc_dictionary_create_empty(), xpc_array_create(NULL, 0),
    };
    const xpc_type_t types[] = {
        XPC_TYPE_UINT64, XPC_TYPE_INT64, XPC_TYPE_STRING, XPC_TYPE_UUID,
        XPC_TYPE_BOOL, XPC_TYPE_DATA, XPC_TYPE_DICTIONARY, XPC_TYPE_ARRAY,
    };
    for (int value = 0; value < 8; value++) {
        for (int type = 0; type < 8; type++) EXPECT_EQUAL(xpc_get_type(values[value]) == types[type], value == type);
        char *description = xpc_copy_description(values[value]);
        EXPECT(description != NULL && description[0] != 0);
        free(description);
        // What is of another type reads as nothing.
        if (value != 0) EXPECT_EQUAL(xpc_uint64_get_value(values[value]), 0);
        if (value != 1) EXPECT_EQUAL(xpc_int64_get_value(values[value]), 0);
        if (value != 2) EXPECT(xpc_string_get_string_ptr(values[value]) == NULL);
        if (value != 3) EXPECT(xpc_uuid_get_bytes(values[value]) == NULL);
        xpc_release(values[value]);
    }
}

static void check_dictionary(void) {
    const uuid_t id = {1, 2, 3};
    xpc_object_t dictionary = xpc_dictionary_create_empty();
    xpc_dictionary_set_uint64(dictionary, "number", 1ull << 63);
    xpc_dictionary_set_bool(dictionary, "truth", true);
    xpc_dictionary_set_string(dictionary, "text", "first");
    xpc_dictionary_set_string(dictionary, "text", "second");
    xpc_dictionary_set_uuid(dictionary, "id", id);
    EXPECT_EQUAL(xpc_dictionary_get_count(dictionary), 4);
    EXPECT(xpc_dictionary_get_uint64(dictionary, "number") == 1ull << 63);
    EXPECT(xpc_dictionary_get_bool(dictionary, "truth"));
    EXPECT(strcmp(xpc_dictionary_get_string(dictionary, "text"), "second") == 0);
    EXPECT(memcmp(xpc_dictionary_get_uuid(dictionary, "id"), id, 16) == 0);
    EXPECT_EQUAL(xpc_dictionary_get_uint64(dictionary, "text"), 0);
    EXPECT_EQUAL(xpc_dictionary_get_int64(dictionary, "nothing"), 0);
    EXPECT(xpc_dictionary_get_string(dictionary, "number") == NULL);
    EXPECT(xpc_dictionary_get_uuid(dictionary, "nothing") == NULL);
    EXPECT(xpc_dictionary_get_value(dictionary, "nothing") == NULL);
    __block int count = 0;
    EXPECT(xpc_dictionary_apply(dictionary, ^bool(const char *key, xpc_object_t value) {
        EXPECT(xpc_dictionary_get_value(dictionary, key) == value);
        count++;
        return true;
    }));
    EXPECT_EQUAL(count, 4);
    EXPECT(!xpc_dictionary_apply(dictionary, ^bool(const char *key, xpc_object_t value) {
        (void)key, (void)value;
        count++;
        return false;
    }));
    EXPECT_EQUAL(count, 5);
    xpc_dictionary_set_value(dictionary, "text", NULL);
    EXPECT_EQUAL(xpc_dictionary_get_count(dictionary), 3);
    xpc_release(dictionary);
}

// A collection keeps what is put into it, whoever else lets go of it, and what was retained from it outlives it.
static void check_references(void) {
    xpc_object_t text = xpc_string_create("kept");
    const char *keys[] = {"text"};
    xpc_object_t inner = xpc_dictionary_create(keys, &text, 1);
    xpc_object_t array = xpc_array_create(&inner, 1);
    xpc_release(text);
    xpc_release(inner);
    xpc_object_t outer = xpc_dictionary_create_empty();
    xpc_dictionary_set_value(outer, "array", array);
    xpc_release(array);
    xpc_object_t found = xpc_array_get_value(xpc_dictionary_get_value(outer, "array"), 0);
    EXPECT(strcmp(xpc_dictionary_get_string(found, "text"), "kept") == 0);
    EXPECT(xpc_retain(found) == found);
    xpc_release(outer);
    EXPECT(strcmp(xpc_dictionary_get_string(found, "text"), "kept") == 0);
    xpc_release(found);
}

static void check_array(void) {
    xpc_object_t texts[] = {xpc_string_create("a"), xpc_string_create("b")};
    xpc_object_t array = xpc_array_create(texts, 2);
    xpc_release(texts[0]);
    xpc_release(texts[1]);
    EXPECT_EQUAL(xpc_array_get_count(array), 2);
    EXPECT(strcmp(xpc_array_get_string(array, 1), "b") == 0);
    EXPECT(xpc_array_get_string(array, 2) == NULL);
    __block size_t next = 0;
    EXPECT(!xpc_array_apply(array, ^bool(size_t index, xpc_object_t value) {
        EXPECT_EQUAL(index, next++);
        EXPECT(xpc_get_type(value) == XPC_TYPE_STRING);
        return index == 1 ? false : true;
    }));
    EXPECT_EQUAL(next, 2);
    xpc_release(array);
}

int main(void) {
    check_types();
    check_dictionary();
    check_array();
    check_references();
}
