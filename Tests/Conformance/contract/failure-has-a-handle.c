// A start that fails returns a handle all the same and tells the completion why, and the handle can be stopped with
// success: QEMU asserts that, socket_vmnet waits for the completion without a look at the handle.
#include "../Support/client.h"

static xpc_object_t without(xpc_object_t description, const char *key) {
    xpc_dictionary_set_value(description, key, NULL);
    return description;
}

static xpc_object_t with_string(xpc_object_t description, const char *key, const char *value) {
    xpc_dictionary_set_string(description, key, value);
    return description;
}

static xpc_object_t with_number(xpc_object_t description, const char *key, uint64_t value) {
    xpc_dictionary_set_uint64(description, key, value);
    return description;
}

static xpc_object_t with_true(xpc_object_t description, const char *key) {
    xpc_dictionary_set_bool(description, key, true);
    return description;
}

static xpc_object_t private_network(void) {
    xpc_object_t description = describe_mode(VMNET_HOST_MODE);
    const uuid_t identifier = {1};
    xpc_dictionary_set_uuid(description, vmnet_network_identifier_key, identifier);
    return description;
}

static void expect_refusal(int line, xpc_object_t description) {
    struct client client = try_start(description);
    if (client.status != VMNET_INVALID_ARGUMENT) {
        fprintf(stderr, "line %d: the status is %u, not VMNET_INVALID_ARGUMENT\n", line, client.status);
        _exit(1);
    }
    EXPECT(client.parameters == NULL);
    int count = 1;
    uint8_t bytes[LONGEST_FRAME];
    struct iovec vector = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct vmpktdesc packet = {.vm_pkt_size = sizeof bytes, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1};
    EXPECT(vmnet_read(client.interface, &packet, &count) != VMNET_SUCCESS);
    stop(&client);
}

#define REFUSED(description) expect_refusal(__LINE__, description)

int main(void) {
    alarm(3 * PATIENCE);
    // The mode.
    REFUSED(xpc_dictionary_create(NULL, NULL, 0));
    REFUSED(describe_mode(999));
    // Addresses: all three or none, private, in one subnet, in order.
    REFUSED(without(describe(VMNET_SHARED_MODE), vmnet_start_address_key));
    REFUSED(without(describe(VMNET_SHARED_MODE), vmnet_end_address_key));
    REFUSED(without(describe(VMNET_HOST_MODE), vmnet_subnet_mask_key));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_start_address_key, "8.8.8.1"));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_end_address_key, "192.168.106.20"));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_end_address_key, "192.168.105.0"));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_start_address_key, "gateway"));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_subnet_mask_key, "255.0.255.0"));
    // Bridged mode: an interface, which has its own addresses and MTU.
    REFUSED(describe_mode(VMNET_BRIDGED_MODE));
    REFUSED(with_string(describe_mode(VMNET_BRIDGED_MODE), vmnet_shared_interface_name_key, "nosuch0"));
    REFUSED(with_number(
        with_string(describe_mode(VMNET_BRIDGED_MODE), vmnet_shared_interface_name_key, "lo"), vmnet_mtu_key, 1500));
    // Private networks: of host mode alone; their host addresses come with an identifier, and in pairs.
    REFUSED(with_number(private_network(), vmnet_operation_mode_key, VMNET_SHARED_MODE));
    REFUSED(with_string(describe_mode(VMNET_HOST_MODE), vmnet_host_ip_address_key, "192.168.7.1"));
    REFUSED(with_string(private_network(), vmnet_host_ip_address_key, "192.168.7.1"));
    // Options that are not for each other.
    REFUSED(with_true(
        with_true(describe(VMNET_SHARED_MODE), vmnet_enable_checksum_offload_key), vmnet_enable_virtio_header_key));
    REFUSED(with_string(describe(VMNET_SHARED_MODE), vmnet_nat66_prefix_key, "2001:db8::"));
    // A network that is refused stands in nobody's way.
    struct client client = start(describe(VMNET_SHARED_MODE));
    stop(&client);
}
