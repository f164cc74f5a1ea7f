// A packet may lie in several pieces of memory, both ways: xhyve, scorpi, semu and rv32emu pass the guest's own
// buffers.
#include "../Support/client.h"

static void write_in_pieces(struct client *from, uint8_t *frame, size_t size, size_t first, size_t second) {
    struct iovec pieces[] = {
        {.iov_base = frame, .iov_len = first},
        {.iov_base = frame, .iov_len = 0},
        {.iov_base = frame + first, .iov_len = second},
        {.iov_base = frame + first + second, .iov_len = size - first - second},
    };
    struct vmpktdesc packet = {.vm_pkt_size = size, .vm_pkt_iov = pieces, .vm_pkt_iovcnt = 4};
    int count = 1;
    EXPECT_EQUAL(vmnet_write(from->interface, &packet, &count), VMNET_SUCCESS);
    EXPECT_EQUAL(count, 1);
}

static size_t read_in_pieces(struct client *client, uint8_t *frame, size_t first, size_t second) {
    uint8_t pieces[3][LONGEST_FRAME];
    memset(pieces, 0xee, sizeof pieces);
    struct iovec vectors[] = {
        {.iov_base = pieces[0], .iov_len = first},
        {.iov_base = pieces[1], .iov_len = second},
        {.iov_base = pieces[2], .iov_len = LONGEST_FRAME - first - second},
    };
    struct vmpktdesc packet = {.vm_pkt_size = LONGEST_FRAME, .vm_pkt_iov = vectors, .vm_pkt_iovcnt = 3};
    int count = 1;
    EXPECT_EQUAL(vmnet_read(client->interface, &packet, &count), VMNET_SUCCESS);
    EXPECT(pieces[0][first] == 0xee && pieces[1][second] == 0xee);
    memcpy(frame, pieces[0], first);
    memcpy(frame + first, pieces[1], second);
    memcpy(frame + first + second, pieces[2], LONGEST_FRAME - first - second);
    return count ? packet.vm_pkt_size : 0;
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    uint32_t number = 1;
    const size_t sizes[] = {SHORTEST_FRAME, 333, LONGEST_FRAME};
    const size_t firsts[] = {1, 13, 14, 31};
    for (int size = 0; size < 3; size++) {
        for (int first = 0; first < 4; first++, number++) {
            uint8_t frame[LONGEST_FRAME];
            put_numbered_frame(frame, sizes[size], receiver.mac, sender.mac, number);
            write_in_pieces(&sender, frame, sizes[size], firsts[first], 7);
            size_t read = 0;
            EVENTUALLY(
                (read = read_in_pieces(&receiver, frame, firsts[first], 11)) && has_type(frame, read, EXPERIMENT));
            EXPECT_EQUAL(read, sizes[size]);
            EXPECT(is_numbered_frame(frame, read, number));
        }
    }
    stop(&receiver);
    stop(&sender);
}
