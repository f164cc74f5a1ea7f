// As QEMU 7.2 does it: an event only wakes the main loop, which reads 200 packets into buffers that it prepared once
// and hands them to a guest that is busy at times, and then reads no more until the next event. At the end, and after a
// start that failed, it asserts that stop succeeds.
#include "../Support/client.h"

enum { LIMIT = 200, BURST = 3000 };

static struct iovec vectors[LIMIT];
static struct vmpktdesc packets[LIMIT];
static int position, end;
static atomic_bool is_scheduled;
static unsigned last_number;
static int delivered;

static void deliver_window(int room) {
    for (; position < end && room > 0; position++, room--) {
        const uint8_t *bytes = vectors[position].iov_base;
        if (!has_type(bytes, packets[position].vm_pkt_size, EXPERIMENT)) continue;
        EXPECT(is_numbered_frame(bytes, packets[position].vm_pkt_size, get32(bytes + 14)));
        last_number = get32(bytes + 14);
        delivered++;
    }
}

static void bottom_half(struct client *client, int room) {
    if (position < end) return;
    position = end = 0;
    for (int index = 0; index < LIMIT; index++) {
        packets[index].vm_pkt_size = client->max_packet_size;
        packets[index].vm_flags = 0;
    }
    int count = LIMIT;
    EXPECT_EQUAL(vmnet_read(client->interface, packets, &count), VMNET_SUCCESS);
    end = count;
    deliver_window(room);
}

// One round of the main loop; the guest has room for so many packets.
static void main_loop(struct client *client, int room) {
    deliver_window(room);
    if (atomic_exchange(&is_scheduled, false)) bottom_half(client, room);
}

static void fail_and_clean_up(void) {
    xpc_object_t description = describe_mode(VMNET_BRIDGED_MODE);
    xpc_dictionary_set_string(description, vmnet_shared_interface_name_key, "nosuch0");
    struct client client = try_start(description);
    EXPECT(client.status != VMNET_SUCCESS);
    stop(&client);
}

int main(void) {
    alarm(4 * PATIENCE);
    fail_and_clean_up();
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_bool(description, vmnet_allocate_mac_address_key, false);
    xpc_dictionary_set_bool(description, vmnet_enable_isolation_key, false);
    struct client client = start(description);
    struct client sender = start(describe(VMNET_SHARED_MODE));
    memcpy(client.mac, (uint8_t[]){0x52, 0x54, 0, 0x12, 0x34, 0x56}, 6);
    for (int index = 0; index < LIMIT; index++) {
        vectors[index] = (struct iovec){.iov_base = malloc(client.max_packet_size), .iov_len = client.max_packet_size};
        packets[index] = (struct vmpktdesc){.vm_pkt_iov = &vectors[index], .vm_pkt_iovcnt = 1};
    }
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            client.interface, PACKETS, client.queue, ^(interface_event_t event, xpc_object_t more) {
                (void)event, (void)more;
                is_scheduled = true;
            }), VMNET_SUCCESS);
    announce(&client);
    uint32_t number = 1;
    for (int round = 0; round < 3; round++) {
        int before = delivered;
        send_numbered(&sender, client.mac, number, BURST, 1514);
        number += BURST;
        // A guest that takes 64 packets at a time.
        for (double quiet = seconds(); seconds() - quiet < 0.5;) {
            int sofar = delivered;
            main_loop(&client, 64);
            if (delivered != sofar) quiet = seconds();
            else usleep(1000);
        }
        EXPECT(delivered - before > LIMIT);
        for (int ping = 0; ping < 3; ping++, number++) {
            send_numbered(&sender, client.mac, number, 1, 98);
            EVENTUALLY((main_loop(&client, 64), last_number == number));
        }
    }
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(client.interface, PACKETS, NULL, NULL), VMNET_SUCCESS);
    stop(&client);
    for (int index = 0; index < LIMIT; index++) free(vectors[index].iov_base);
    stop(&sender);
}
