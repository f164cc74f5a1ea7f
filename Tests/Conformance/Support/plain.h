// Networks and interfaces of <openvmnet.h> for the programs of this folder, which are plain C11.
#ifndef CONFORMANCE_PLAIN_H
#define CONFORMANCE_PLAIN_H

#include <openvmnet.h>

#include "expect.h"
#include "frames.h"

#define HOST_NETWORK "vmnet-host,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0"

// Ends the program with what went wrong unless the call succeeded.
#define SUCCEEDS(call) ((call) ? (void)0 : broken_promise(__FILE__, __LINE__, ovn_error_message()))

static inline ovn_network *start_network(const char *netdev) {
    ovn_network *network = ovn_network_start(netdev, NULL);
    SUCCEEDS(network != NULL);
    return network;
}

static inline ovn_interface *start_interface(ovn_network *network, uint32_t flags) {
    ovn_interface_options options = {.size = sizeof options, .flags = flags};
    ovn_interface *interface = ovn_interface_start(network, &options);
    SUCCEEDS(interface != NULL);
    return interface;
}

static inline ovn_interface_parameters parameters_of(const ovn_interface *interface) {
    ovn_interface_parameters parameters;
    EXPECT_EQUAL(ovn_interface_get_parameters(interface, &parameters, sizeof parameters), 0);
    return parameters;
}

// Writes one packet; its status.
static inline ssize_t write_one(ovn_interface *interface, uint8_t *bytes, size_t size) {
    struct iovec part = {bytes, size};
    ovn_packet packet = {&part, 1, size};
    return ovn_interface_write(interface, &packet, 1);
}

// Reads one packet; 0 when none waits.
static inline size_t read_one(ovn_interface *interface, uint8_t *bytes, size_t capacity) {
    struct iovec part = {bytes, capacity};
    ovn_packet packet = {&part, 1, 0};
    ssize_t count = ovn_interface_read(interface, &packet, 1);
    EXPECT(count == 0 || count == 1);
    return count == 1 ? packet.byte_count : 0;
}

static inline void send_number(ovn_interface *from, const uint8_t *to, uint32_t number, size_t size) {
    uint8_t frame[LONGEST_FRAME];
    put_numbered_frame(frame, size, to, parameters_of(from).mac_address, number);
    EXPECT_EQUAL(write_one(from, frame, size), 1);
}

// Waits for frame `number` of the experiment, and passes over all before it.
static inline void expect_number(ovn_interface *interface, uint32_t number) {
    uint8_t frame[LONGEST_FRAME];
    size_t size = 0;
    EVENTUALLY((size = read_one(interface, frame, sizeof frame)) && is_numbered_frame(frame, size, number));
}

#endif
