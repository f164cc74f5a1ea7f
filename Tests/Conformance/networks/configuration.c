// macOS 26's configurations: host and shared alone; what is set is checked, and what is created has it.
#include "../Support/client.h"

static vmnet_network_configuration_ref configuration(vmnet_mode_t mode) {
    vmnet_return_t status = VMNET_FAILURE;
    vmnet_network_configuration_ref made = vmnet_network_configuration_create(mode, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    EXPECT(made != NULL);
    return made;
}

int main(void) {
    alarm(3 * PATIENCE);
    vmnet_return_t status = VMNET_SUCCESS;
    EXPECT(vmnet_network_configuration_create(VMNET_BRIDGED_MODE, &status) == NULL);
    EXPECT_EQUAL(status, VMNET_INVALID_ARGUMENT);
    EXPECT(vmnet_network_configuration_create(7, NULL) == NULL);

    vmnet_network_configuration_ref host = configuration(VMNET_HOST_MODE);
    EXPECT(vmnet_network_configuration_set_external_interface(host, "lo") != VMNET_SUCCESS);
    CFRelease(host);

    vmnet_network_configuration_ref shared = configuration(VMNET_SHARED_MODE);
    struct in_addr subnet = address("192.168.110.0"), mask = address(MASK);
    struct in_addr public = address("8.8.8.0"), gap = address("255.0.255.0");
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(shared, &public, &mask), VMNET_INVALID_ARGUMENT);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(shared, &subnet, &gap), VMNET_INVALID_ARGUMENT);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(shared, &subnet, &mask), VMNET_SUCCESS);
    struct in6_addr prefix;
    EXPECT_EQUAL(inet_pton(AF_INET6, "fd12:3456:789a:1::", &prefix), 1);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv6_prefix(shared, &prefix, 48), VMNET_INVALID_ARGUMENT);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv6_prefix(shared, &prefix, 64), VMNET_SUCCESS);
    EXPECT_EQUAL(vmnet_network_configuration_set_mtu(shared, 100), VMNET_INVALID_ARGUMENT);
    EXPECT_EQUAL(vmnet_network_configuration_set_mtu(shared, 1400), VMNET_SUCCESS);
    vmnet_network_configuration_ref again = (vmnet_network_configuration_ref)CFRetain(shared);
    CFRelease(shared);

    vmnet_network_ref network = vmnet_network_create(again, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    EXPECT(network != NULL);
    CFRelease(again);
    struct in_addr found, found_mask;
    vmnet_network_get_ipv4_subnet(network, &found, &found_mask);
    EXPECT(found.s_addr == subnet.s_addr);
    EXPECT(found_mask.s_addr == mask.s_addr);
    struct in6_addr found_prefix;
    uint8_t length = 0;
    vmnet_network_get_ipv6_prefix(network, &found_prefix, &length);
    EXPECT_EQUAL(length, 64);
    EXPECT(memcmp(&found_prefix, &prefix, 16) == 0);

    // The subnet is taken as long as the network lives.
    vmnet_network_configuration_ref rival = configuration(VMNET_SHARED_MODE);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(rival, &subnet, &mask), VMNET_SUCCESS);
    EXPECT(vmnet_network_create(rival, &status) == NULL);
    EXPECT_EQUAL(status, VMNET_SHARING_SERVICE_BUSY);
    CFRelease(network);
    EVENTUALLY((network = vmnet_network_create(rival, &status)) != NULL);
    CFRelease(rival);
    CFRelease(network);

    // Without any addresses it has a /24 of its own.
    vmnet_network_configuration_ref plain = configuration(VMNET_HOST_MODE);
    EXPECT((network = vmnet_network_create(plain, NULL)) != NULL);
    CFRelease(plain);
    vmnet_network_get_ipv4_subnet(network, &found, &found_mask);
    EXPECT_EQUAL(ntohl(found.s_addr) >> 16, 192 << 8 | 168);
    EXPECT(found_mask.s_addr == mask.s_addr);
    CFRelease(network);
}
