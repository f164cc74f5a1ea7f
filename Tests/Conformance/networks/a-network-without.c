// What a network is configured to do without, it does without: without DHCP nobody offers an address, while interfaces
// and gateway work.
#include "../Support/dhcp.h"

int main(void) {
    alarm(3 * PATIENCE);
    vmnet_network_configuration_ref configuration = vmnet_network_configuration_create(VMNET_SHARED_MODE, NULL);
    struct in_addr subnet = address("192.168.112.0"), mask = address(MASK);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(configuration, &subnet, &mask), VMNET_SUCCESS);
    vmnet_network_configuration_disable_dhcp(configuration);
    vmnet_network_configuration_disable_nat44(configuration);
    vmnet_network_configuration_disable_nat66(configuration);
    vmnet_network_configuration_disable_dns_proxy(configuration);
    vmnet_network_configuration_disable_router_advertisement(configuration);
    vmnet_network_ref network = vmnet_network_create(configuration, NULL);
    EXPECT(network != NULL);
    CFRelease(configuration);
    struct client client = start_by(
        xpc_dictionary_create(NULL, NULL, 0),
        ^(xpc_object_t wanted, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t completion) {
            return vmnet_interface_start_with_network(network, wanted, queue, completion);
        });
    EXPECT_EQUAL(client.status, VMNET_SUCCESS);
    CFRelease(network);
    send_discover(&client);
    // Whoever answers ARP afterwards has not answered what came before it.
    uint8_t frame[LONGEST_FRAME];
    size_t size = put_arp_request(frame, client.mac, address("192.168.112.9"), address("192.168.112.1"));
    EXPECT_EQUAL(write_packet(client.interface, frame, size), VMNET_SUCCESS);
    do {
        EVENTUALLY((size = read_packet(client.interface, frame, sizeof frame)) > 0);
        EXPECT(!(has_type(frame, size, IPV4) && get16(frame + 36) == 68));
    } while (!is_arp_reply(frame, size, address("192.168.112.1")));
    stop(&client);
}
