// Ports of the host lead to guests, by the functions of macOS 10.15: rules are added, listed, used and removed, with a
// handler and without.
#include "../Support/responder.h"

static const char *guest = "192.168.105.30";

static int count_rules(interface_ref interface) {
    __block int count = -1;
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    EXPECT_EQUAL(vmnet_interface_get_port_forwarding_rules(interface, ^(xpc_object_t rules) {
        count = rules ? (int)xpc_array_get_count(rules) : 0;
        for (int index = 0; index < count; index++) {
            uint8_t protocol;
            uint16_t external, internal;
            struct in_addr to;
            EXPECT_EQUAL(
                vmnet_port_forwarding_rule_get_details(
                    xpc_array_get_value(rules, (size_t)index), &protocol, &external, &to, &internal), VMNET_SUCCESS);
            EXPECT(protocol == IPPROTO_TCP || protocol == IPPROTO_UDP);
            EXPECT_EQUAL(external, protocol == IPPROTO_TCP ? 10007 : 10008);
            EXPECT_EQUAL(internal, 7);
            EXPECT(to.s_addr == address(guest).s_addr);
        }
        dispatch_semaphore_signal(done);
    }), VMNET_SUCCESS);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    dispatch_release(done);
    return count;
}

static vmnet_return_t add(interface_ref interface, uint8_t protocol, uint16_t port) {
    __block vmnet_return_t result = VMNET_FAILURE;
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    vmnet_return_t status = vmnet_interface_add_port_forwarding_rule(
        interface, protocol, port, address(guest), 7, ^(vmnet_return_t outcome) {
            result = outcome;
            dispatch_semaphore_signal(done);
        });
    if (status == VMNET_SUCCESS) dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    dispatch_release(done);
    return status == VMNET_SUCCESS ? result : status;
}

int main(void) {
    alarm(6 * PATIENCE);
    struct client client = start(describe(VMNET_SHARED_MODE));
    struct responder responder = {.client = &client, .address = address(guest), .port = 7};
    EXPECT_EQUAL(count_rules(client.interface), 0);
    EXPECT_EQUAL(add(client.interface, IPPROTO_TCP, 10007), VMNET_SUCCESS);
    EXPECT_EQUAL(
        vmnet_interface_add_port_forwarding_rule(client.interface, IPPROTO_UDP, 10008, address(guest), 7, NULL),
        VMNET_SUCCESS);
    EVENTUALLY(count_rules(client.interface) == 2);
    // A protocol without ports, and a port that is taken.
    EXPECT(add(client.interface, IPPROTO_ICMP, 10009) != VMNET_SUCCESS);
    EXPECT(add(client.interface, IPPROTO_TCP, 10007) != VMNET_SUCCESS);
    EXPECT_EQUAL(count_rules(client.interface), 2);

    expect_echo(&responder, SOCK_STREAM, 10007);
    expect_echo(&responder, SOCK_STREAM, 10007);
    expect_echo(&responder, SOCK_DGRAM, 10008);

    EXPECT_EQUAL(
        vmnet_interface_remove_port_forwarding_rule(client.interface, IPPROTO_TCP, 10007, NULL), VMNET_SUCCESS);
    EVENTUALLY(count_rules(client.interface) == 1);
    expect_refusal(10007);
    // Somebody who is no rule.
    xpc_object_t number = xpc_uint64_create(1);
    EXPECT(vmnet_port_forwarding_rule_get_details(number, NULL, NULL, NULL, NULL) != VMNET_SUCCESS);
    xpc_release(number);
    stop(&client);
}
