// Ports of the host lead to guests, by the functions of macOS 11, which say the address family.
#include "../Support/responder.h"

static const char *guest = "192.168.105.30";

static void expect_rules(interface_ref interface, int expected) {
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    EXPECT_EQUAL(vmnet_interface_get_ip_port_forwarding_rules(interface, AF_INET, ^(xpc_object_t rules) {
        EXPECT_EQUAL(rules ? xpc_array_get_count(rules) : 0, expected);
        for (int index = 0; index < expected; index++) {
            uint8_t protocol;
            uint16_t external, internal;
            struct in_addr to;
            EXPECT_EQUAL(
                vmnet_ip_port_forwarding_rule_get_details(
                    xpc_array_get_value(rules, (size_t)index), &protocol, &external, AF_INET, &to, &internal),
                VMNET_SUCCESS);
            EXPECT_EQUAL(protocol, IPPROTO_TCP);
            EXPECT_EQUAL(external, 10011);
            EXPECT_EQUAL(internal, 7);
            EXPECT(to.s_addr == address(guest).s_addr);
        }
        dispatch_semaphore_signal(done);
    }), VMNET_SUCCESS);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    dispatch_release(done);
}

int main(void) {
    alarm(6 * PATIENCE);
    struct client client = start(describe(VMNET_HOST_MODE));
    struct responder responder = {.client = &client, .address = address(guest), .port = 7};
    const struct in_addr to = address(guest);
    expect_rules(client.interface, 0);
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    EXPECT_EQUAL(
        vmnet_interface_add_ip_port_forwarding_rule(
            client.interface, IPPROTO_TCP, 10011, AF_INET, &to, 7, ^(vmnet_return_t status) {
                EXPECT_EQUAL(status, VMNET_SUCCESS);
                dispatch_semaphore_signal(done);
            }), VMNET_SUCCESS);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    expect_rules(client.interface, 1);
    expect_echo(&responder, SOCK_STREAM, 10011);
    EXPECT_EQUAL(
        vmnet_interface_remove_ip_port_forwarding_rule(
            client.interface, IPPROTO_TCP, 10011, AF_INET, ^(vmnet_return_t status) {
                EXPECT_EQUAL(status, VMNET_SUCCESS);
                dispatch_semaphore_signal(done);
            }), VMNET_SUCCESS);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    expect_rules(client.interface, 0);
    expect_refusal(10011);
    dispatch_release(done);
    stop(&client);
}
