// A macOS program's way to an interface of vmnet: the usual lines around start, read, write and stop.
//
// The programs that test one of these functions call it themselves; this is for all that is not their subject.
#ifndef CONFORMANCE_CLIENT_H
#define CONFORMANCE_CLIENT_H

#include <errno.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include <dispatch/dispatch.h>
#include <vmnet/vmnet.h>
#include <xpc/xpc.h>

#include "expect.h"
#include "frames.h"

// The network of these programs: the gateway .1, guests .2 to .20.
#define GATEWAY "192.168.105.1"
#define LAST_ADDRESS "192.168.105.20"
#define MASK "255.255.255.0"

// The only event there is.
#define PACKETS VMNET_INTERFACE_PACKETS_AVAILABLE

struct client {
    interface_ref interface;
    dispatch_queue_t queue;
    vmnet_return_t status;
    // What start's completion was given, retained; NULL when it failed.
    xpc_object_t parameters;
    uint8_t mac[6];
    size_t max_packet_size;
};

static inline struct in_addr address(const char *text) {
    struct in_addr address;
    EXPECT(inet_pton(AF_INET, text, &address) == 1);
    return address;
}

// A description with the mode alone.
static inline xpc_object_t describe_mode(uint64_t mode) {
    xpc_object_t description = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_uint64(description, vmnet_operation_mode_key, mode);
    return description;
}

// A description of an interface on the network above.
static inline xpc_object_t describe(uint64_t mode) {
    xpc_object_t description = describe_mode(mode);
    xpc_dictionary_set_string(description, vmnet_start_address_key, GATEWAY);
    xpc_dictionary_set_string(description, vmnet_end_address_key, LAST_ADDRESS);
    xpc_dictionary_set_string(description, vmnet_subnet_mask_key, MASK);
    return description;
}

// The MAC address that the parameters give the guest.
static inline void get_mac(xpc_object_t parameters, uint8_t *mac) {
    const char *text = xpc_dictionary_get_string(parameters, vmnet_mac_address_key);
    EXPECT(text != NULL);
    unsigned bytes[6];
    EXPECT_EQUAL(
        sscanf(text, "%x:%x:%x:%x:%x:%x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]), 6);
    for (int index = 0; index < 6; index++) mac[index] = (uint8_t)bytes[index];
}

// Runs a start function with a queue and a completion, waits for the completion, and consumes the description.
static inline struct client start_by(
    xpc_object_t description,
    interface_ref (^start)(xpc_object_t, dispatch_queue_t, vmnet_start_interface_completion_handler_t)) {
    struct client client = {.queue = dispatch_queue_create("conformance.client", DISPATCH_QUEUE_SERIAL)};
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    __block vmnet_return_t status = VMNET_FAILURE;
    __block xpc_object_t kept = NULL;
    client.interface = start(description, client.queue, ^(vmnet_return_t result, xpc_object_t parameters) {
        status = result;
        if (parameters) kept = xpc_retain(parameters);
        dispatch_semaphore_signal(done);
    });
    EXPECT(client.interface != NULL);
    EXPECT_EQUAL(dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC)), 0);
    dispatch_release(done);
    xpc_release(description);
    client.status = status;
    client.parameters = kept;
    if (status == VMNET_SUCCESS) {
        EXPECT(kept != NULL);
        client.max_packet_size = xpc_dictionary_get_uint64(kept, vmnet_max_packet_size_key);
        if (xpc_dictionary_get_value(kept, vmnet_mac_address_key)) get_mac(kept, client.mac);
    }
    return client;
}

// Starts an interface, whatever comes of it, and consumes the description.
static inline struct client try_start(xpc_object_t description) {
    return start_by(
        description,
        ^(xpc_object_t wanted, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t completion) {
            return vmnet_start_interface(wanted, queue, completion);
        });
}

// Starts an interface, which has to succeed, and consumes the description.
static inline struct client start(xpc_object_t description) {
    struct client client = try_start(description);
    EXPECT_EQUAL(client.status, VMNET_SUCCESS);
    return client;
}

// Stops an interface, whether it was started or not, and waits until it is.
static inline void stop(struct client *client) {
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    __block vmnet_return_t status = VMNET_FAILURE;
    EXPECT_EQUAL(
        vmnet_stop_interface(client->interface, client->queue, ^(vmnet_return_t result) {
            status = result;
            dispatch_semaphore_signal(done);
        }), VMNET_SUCCESS);
    EXPECT_EQUAL(dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC)), 0);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    dispatch_release(done);
    dispatch_release(client->queue);
    if (client->parameters) xpc_release(client->parameters);
    client->interface = NULL;
}

// Writes one packet.
static inline vmnet_return_t write_packet(interface_ref interface, const uint8_t *bytes, size_t size) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = size};
    struct vmpktdesc packet = {.vm_pkt_size = size, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1, .vm_flags = 0};
    int count = 1;
    return vmnet_write(interface, &packet, &count);
}

// Reads one packet; 0 when none waits.
static inline size_t read_packet(interface_ref interface, uint8_t *bytes, size_t capacity) {
    struct iovec vector = {.iov_base = bytes, .iov_len = capacity};
    struct vmpktdesc packet = {.vm_pkt_size = capacity, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1, .vm_flags = 0};
    int count = 1;
    EXPECT_EQUAL(vmnet_read(interface, &packet, &count), VMNET_SUCCESS);
    EXPECT(count == 0 || count == 1);
    return count == 1 ? packet.vm_pkt_size : 0;
}

// Reads until nothing waits, and gives the number of the experiment's frames.
static inline int drain(struct client *client) {
    uint8_t *frame = malloc(client->max_packet_size);
    int count = 0;
    for (size_t size; (size = read_packet(client->interface, frame, client->max_packet_size)) > 0;) {
        if (has_type(frame, size, EXPERIMENT)) count++;
    }
    free(frame);
    return count;
}

// Sends the frames `first` to `first + count - 1` of the experiment, `size` octets each.
static inline void send_numbered(struct client *from, const uint8_t *to, uint32_t first, uint32_t count, size_t size) {
    for (uint32_t number = first; number < first + count; number++) {
        uint8_t frame[LONGEST_FRAME];
        put_numbered_frame(frame, size, to, from->mac, number);
        EXPECT_EQUAL(write_packet(from->interface, frame, size), VMNET_SUCCESS);
    }
}

// Waits for frame `number` of the experiment, and passes over all before it.
static inline void expect_numbered(struct client *client, uint32_t number) {
    uint8_t frame[LONGEST_FRAME];
    size_t size = 0;
    EVENTUALLY((size = read_packet(client->interface, frame, sizeof frame)) && is_numbered_frame(frame, size, number));
}

// Tells the network where the client is, so that frames for it are not for everybody.
static inline void announce(struct client *client) {
    send_numbered(client, everybody, 0, 1, SHORTEST_FRAME);
}

// Whether the gateway answers the guest at `own` by ARP.
static inline void expect_gateway(struct client *client, const char *own, const char *gateway) {
    uint8_t frame[LONGEST_FRAME];
    size_t size = put_arp_request(frame, client->mac, address(own), address(gateway));
    EXPECT_EQUAL(write_packet(client->interface, frame, size), VMNET_SUCCESS);
    EVENTUALLY(
        (size = read_packet(client->interface, frame, sizeof frame)) && is_arp_reply(frame, size, address(gateway)));
}

#endif
