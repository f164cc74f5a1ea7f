// As vmnet-helper does it on macOS 26: a network object, limits from the parameters, whole batches of 64 both ways,
// lengths prepared anew for each of them.
#include "../Support/client.h"

enum { BATCH = 64, BATCHES = 50 };

static uint8_t bytes[BATCH][LONGEST_FRAME];
static struct iovec vectors[BATCH];
static struct vmpktdesc packets[BATCH];

static void prepare(size_t size) {
    for (int index = 0; index < BATCH; index++) {
        vectors[index] = (struct iovec){.iov_base = bytes[index], .iov_len = size};
        packets[index] = (struct vmpktdesc){.vm_pkt_size = size, .vm_pkt_iov = &vectors[index], .vm_pkt_iovcnt = 1};
    }
}

static struct client start_on(vmnet_network_ref network) {
    struct client client = start_by(
        xpc_dictionary_create_empty(),
        ^(xpc_object_t wanted, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t completion) {
            return vmnet_interface_start_with_network(network, wanted, queue, completion);
        });
    EXPECT_EQUAL(client.status, VMNET_SUCCESS);
    EXPECT(xpc_dictionary_get_uint64(client.parameters, vmnet_read_max_packets_key) >= BATCH);
    EXPECT(xpc_dictionary_get_uint64(client.parameters, vmnet_write_max_packets_key) >= BATCH);
    return client;
}

static void exchange(void) {
    vmnet_return_t status;
    vmnet_network_configuration_ref configuration = vmnet_network_configuration_create(VMNET_SHARED_MODE, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    vmnet_network_ref network = vmnet_network_create(configuration, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    CFRelease(configuration);
    struct client from = start_on(network), to = start_on(network);
    announce(&to);
    drain(&to);
    uint32_t expected = 1;
    for (int batch = 0; batch < BATCHES; batch++) {
        prepare(LONGEST_FRAME);
        for (uint32_t index = 0; index < BATCH; index++) {
            put_numbered_frame(bytes[index], LONGEST_FRAME, to.mac, from.mac, expected + index);
        }
        int count = BATCH;
        EXPECT_EQUAL(vmnet_write(from.interface, packets, &count), VMNET_SUCCESS);
        EXPECT_EQUAL(count, BATCH);
        for (uint32_t end = expected + BATCH; expected < end;) {
            prepare(LONGEST_FRAME);
            count = BATCH;
            EXPECT_EQUAL(vmnet_read(to.interface, packets, &count), VMNET_SUCCESS);
            for (int index = 0; index < count; index++) {
                size_t size = packets[index].vm_pkt_size;
                if (has_type(bytes[index], size, EXPERIMENT)) EXPECT(is_numbered_frame(bytes[index], size, expected++));
            }
        }
    }
    stop(&from);
    stop(&to);
    CFRelease(network);
}

int main(void) {
    alarm(3 * PATIENCE);
    if (__builtin_available(macOS 26.0, *)) {
        exchange();
        return 0;
    }
    return 1;
}
