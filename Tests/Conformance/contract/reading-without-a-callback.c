// Read never waits, and works without a callback: simh and MAME poll. When nothing waits it succeeds with no packet,
// and errno is EWOULDBLOCK, which xhyve tests.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    uint8_t bytes[LONGEST_FRAME];
    struct iovec vector = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct vmpktdesc packet = {.vm_pkt_size = sizeof bytes, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1};
    int count = 1;
    errno = 0;
    EXPECT_EQUAL(vmnet_read(receiver.interface, &packet, &count), VMNET_SUCCESS);
    EXPECT_EQUAL(count, 0);
    EXPECT_EQUAL(errno, EWOULDBLOCK);
    for (uint32_t number = 1; number <= 200; number++) {
        send_numbered(&sender, receiver.mac, number, 1, 18 + number);
        expect_numbered(&receiver, number);
    }
    stop(&receiver);
    stop(&sender);
}
