// Prints what an interface is told about itself, one key a line: parameters shared|host|private|bridged [IFNAME]
#include "../Support/client.h"

static xpc_object_t describe_as(int count, char **words) {
    if (strcmp(words[1], "shared") == 0) return describe(VMNET_SHARED_MODE);
    if (strcmp(words[1], "host") == 0) return describe(VMNET_HOST_MODE);
    if (strcmp(words[1], "private") == 0) {
        xpc_object_t description = describe_mode(VMNET_HOST_MODE);
        const uuid_t identifier = {0x3c};
        xpc_dictionary_set_uuid(description, vmnet_network_identifier_key, identifier);
        return description;
    }
    xpc_object_t description = describe_mode(VMNET_BRIDGED_MODE);
    EXPECT_EQUAL(count, 3);
    xpc_dictionary_set_string(description, vmnet_shared_interface_name_key, words[2]);
    return description;
}

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    EXPECT(count >= 2);
    struct client client = start(describe_as(count, words));
    xpc_dictionary_apply(client.parameters, ^bool(const char *key, xpc_object_t value) {
        xpc_type_t type = xpc_get_type(value);
        if (type == XPC_TYPE_UINT64) printf("%s %" PRIu64 "\n", key, xpc_uint64_get_value(value));
        else if (type == XPC_TYPE_STRING) printf("%s \"%s\"\n", key, xpc_string_get_string_ptr(value));
        else if (type == XPC_TYPE_UUID) printf("%s uuid\n", key);
        else broken_promise(__FILE__, __LINE__, key);
        return true;
    });
    stop(&client);
}
