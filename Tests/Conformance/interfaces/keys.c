// Each key's text is its name without `_key`, as clients print it and other languages spell it.
#include "../Support/client.h"

#define CHECK(key) EXPECT(strcmp(key##_key, #key) == 0)

int main(void) {
    CHECK(vmnet_operation_mode);
    CHECK(vmnet_shared_interface_name);
    CHECK(vmnet_mac_address);
    CHECK(vmnet_allocate_mac_address);
    CHECK(vmnet_mtu);
    CHECK(vmnet_max_packet_size);
    CHECK(vmnet_interface_id);
    CHECK(vmnet_start_address);
    CHECK(vmnet_end_address);
    CHECK(vmnet_subnet_mask);
    CHECK(vmnet_nat66_prefix);
    CHECK(vmnet_nat66_prefix_length);
    CHECK(vmnet_estimated_packets_available);
    CHECK(vmnet_network_identifier);
    CHECK(vmnet_host_ip_address);
    CHECK(vmnet_host_subnet_mask);
    CHECK(vmnet_host_ipv6_address);
    CHECK(vmnet_enable_isolation);
    CHECK(vmnet_enable_tso);
    CHECK(vmnet_enable_checksum_offload);
    CHECK(vmnet_enable_virtio_header);
    CHECK(vmnet_read_max_packets);
    CHECK(vmnet_write_max_packets);
}

_Static_assert(VMNET_HOST_MODE == 1000 && VMNET_SHARED_MODE == 1001 && VMNET_BRIDGED_MODE == 1002, "modes");
_Static_assert(VMNET_SUCCESS == 1000 && VMNET_FAILURE == 1001 && VMNET_MEM_FAILURE == 1002, "statuses");
_Static_assert(VMNET_INVALID_ARGUMENT == 1003 && VMNET_SETUP_INCOMPLETE == 1004, "statuses");
_Static_assert(VMNET_INVALID_ACCESS == 1005 && VMNET_PACKET_TOO_BIG == 1006, "statuses");
_Static_assert(VMNET_BUFFER_EXHAUSTED == 1007 && VMNET_TOO_MANY_PACKETS == 1008, "statuses");
_Static_assert(VMNET_SHARING_SERVICE_BUSY == 1009 && VMNET_NOT_AUTHORIZED == 1010, "statuses");
_Static_assert(VMNET_INTERFACE_PACKETS_AVAILABLE == 1, "events");
_Static_assert(sizeof(operating_modes_t) == 4 && sizeof(vmnet_mode_t) == 4 && sizeof(vmnet_return_t) == 4, "types");
_Static_assert(sizeof(struct vmpktdesc) == 24 && offsetof(struct vmpktdesc, vm_flags) == 20, "packets");
