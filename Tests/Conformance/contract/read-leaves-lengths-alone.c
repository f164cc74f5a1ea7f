// Read says how long a packet is in vm_pkt_size, and leaves iov_len as it was: QEMU sets that once.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    send_numbered(&sender, receiver.mac, 1, 1, 100);
    send_numbered(&sender, receiver.mac, 2, 1, LONGEST_FRAME);
    uint8_t bytes[2048];
    struct iovec vector = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct vmpktdesc packet = {.vm_pkt_size = sizeof bytes, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1};
    const size_t sizes[] = {100, LONGEST_FRAME};
    for (uint32_t number = 1; number <= 2;) {
        int count = 1;
        packet.vm_pkt_size = sizeof bytes;
        EXPECT_EQUAL(vmnet_read(receiver.interface, &packet, &count), VMNET_SUCCESS);
        EXPECT_EQUAL(vector.iov_len, sizeof bytes);
        EXPECT(vector.iov_base == bytes);
        EXPECT_EQUAL(packet.vm_pkt_iovcnt, 1);
        if (count == 0 || !has_type(bytes, packet.vm_pkt_size, EXPERIMENT)) continue;
        EXPECT_EQUAL(packet.vm_pkt_size, sizes[number - 1]);
        EXPECT(is_numbered_frame(bytes, packet.vm_pkt_size, number));
        number++;
    }
    stop(&receiver);
    stop(&sender);
}
