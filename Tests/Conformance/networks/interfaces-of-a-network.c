// Interfaces start on a network object, meet there, outlive the reference to it, and get what it was configured with:
// DHCP with reservations, and port forwards.
#include "../Support/dhcp.h"
#include "../Support/responder.h"

static struct client start_on(vmnet_network_ref network, xpc_object_t description) {
    struct client client = start_by(
        description,
        ^(xpc_object_t wanted, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t completion) {
            return vmnet_interface_start_with_network(network, wanted, queue, completion);
        });
    EXPECT_EQUAL(client.status, VMNET_SUCCESS);
    return client;
}

// An id, and so a MAC address, that is known before the network is.
static xpc_object_t describe_identity(void) {
    xpc_object_t description = xpc_dictionary_create(NULL, NULL, 0);
    const uuid_t id = {0x52, 0x54};
    xpc_dictionary_set_uuid(description, vmnet_interface_id_key, id);
    return description;
}

int main(void) {
    alarm(6 * PATIENCE);
    xpc_object_t description = describe_identity();
    xpc_dictionary_set_uint64(description, vmnet_operation_mode_key, VMNET_HOST_MODE);
    struct client client = start(description);
    ether_addr_t mac;
    memcpy(&mac, client.mac, 6);
    stop(&client);

    vmnet_network_configuration_ref configuration = vmnet_network_configuration_create(VMNET_SHARED_MODE, NULL);
    struct in_addr subnet = address("192.168.111.0"), mask = address(MASK), reserved = address("192.168.111.77");
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(configuration, &subnet, &mask), VMNET_SUCCESS);
    EXPECT_EQUAL(vmnet_network_configuration_add_dhcp_reservation(configuration, &mac, &reserved), VMNET_SUCCESS);
    // The internal port first.
    EXPECT_EQUAL(
        vmnet_network_configuration_add_port_forwarding_rule(
            configuration, IPPROTO_TCP, AF_INET, 7, 10013, &reserved), VMNET_SUCCESS);
    vmnet_return_t status = VMNET_FAILURE;
    vmnet_network_ref network = vmnet_network_create(configuration, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    CFRelease(configuration);

    client = start_on(network, describe_identity());
    struct client other = start_on(network, xpc_dictionary_create(NULL, NULL, 0));
    CFRelease(network);
    EXPECT(memcmp(client.mac, &mac, 6) == 0);
    EXPECT(strcmp(xpc_dictionary_get_string(client.parameters, vmnet_start_address_key), "192.168.111.1") == 0);
    announce(&client);
    expect_numbered(&other, 0);
    EXPECT(obtain_lease(&client).s_addr == reserved.s_addr);
    EXPECT(obtain_lease(&other).s_addr != reserved.s_addr);
    struct responder responder = {.client = &client, .address = reserved, .port = 7};
    expect_echo(&responder, SOCK_STREAM, 10013);
    stop(&other);
    stop(&client);
}
