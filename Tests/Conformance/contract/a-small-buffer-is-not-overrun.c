// A packet is never written behind the memory that the client gave for it, whatever its iovecs say about it.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    send_numbered(&sender, receiver.mac, 1, 1, 1000);
    send_numbered(&sender, receiver.mac, 2, 1, SHORTEST_FRAME);
    uint8_t bytes[200];
    memset(bytes, 0xee, sizeof bytes);
    struct iovec vector = {.iov_base = bytes, .iov_len = 100};
    struct vmpktdesc packet = {.vm_pkt_size = 100, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1};
    int count = 1;
    // Which status it is, is not written anywhere.
    vmnet_read(receiver.interface, &packet, &count);
    for (size_t index = 100; index < sizeof bytes; index++) EXPECT_EQUAL(bytes[index], 0xee);
    // The packets behind it can be read.
    expect_numbered(&receiver, 2);
    stop(&receiver);
    stop(&sender);
}
