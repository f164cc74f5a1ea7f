#include "guest.h"

#include <string.h>

static void put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }

static uint32_t sum(const uint8_t *bytes, size_t count, uint32_t start) {
    uint64_t total = start;
    for (size_t i = 0; i + 1 < count; i += 2) total += get16(bytes + i);
    if (count & 1) total += (uint32_t)bytes[count - 1] << 8;
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return (uint32_t)total;
}

size_t guest_write(struct guest *guest, uint8_t *frame, uint8_t flags, const uint8_t *payload, size_t count,
                   enum guest_checksum checksum) {
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    size_t options = flags & GUEST_SYN ? 8 : 0, segment = 20 + options + count;
    memcpy(frame, guest->gateway_station, 6);
    memcpy(frame + 6, guest->station, 6);
    put16(frame + 12, 0x0800);
    memset(ip, 0, 40 + options);
    ip[0] = 0x45;
    put16(ip + 2, (uint16_t)(20 + segment));
    put16(ip + 6, 0x4000);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, guest->address);
    put32(ip + 16, guest->gateway);
    put16(ip + 10, (uint16_t)~sum(ip, 20, 0));
    put16(tcp, guest->port);
    put16(tcp + 2, guest->remote_port);
    put32(tcp + 4, guest->sent);
    put32(tcp + 8, guest->received);
    tcp[12] = (uint8_t)((20 + options) / 4 << 4);
    tcp[13] = flags;
    put16(tcp + 14, 0xffff);
    if (options) memcpy(tcp + 20, "\x02\x04\x05\xb4\x01\x03\x03\x07", 8);
    if (payload && count) memcpy(tcp + 20 + options, payload, count);
    uint32_t pseudo = sum(ip + 12, 8, 6 + (uint32_t)segment);
    if (checksum == GUEST_CHECKSUM_PARTIAL)
        put16(tcp + 16, (uint16_t)pseudo);
    else
        put16(tcp + 16, (uint16_t)~sum(tcp, segment, pseudo));
    guest->sent += (uint32_t)count + (flags & GUEST_SYN ? 1 : 0);
    return 14 + 20 + segment;
}

size_t guest_read(struct guest *guest, const uint8_t *frame, size_t count) {
    if (count < 54 || get16(frame + 12) != 0x0800 || frame[23] != 6) return 0;
    const uint8_t *ip = frame + 14, *tcp = ip + (ip[0] & 15) * 4;
    size_t header = (size_t)(tcp[12] >> 4) * 4, total = get16(ip + 2);
    if (get16(tcp + 2) != guest->port) return 0;
    size_t payload = total - (size_t)(tcp - ip) - header;
    if (tcp[13] & GUEST_SYN) {
        guest->received = get32(tcp + 4) + 1;
        guest->is_connected = 1;
        for (size_t i = 20; i + 2 < header && tcp[i];) {
            if (tcp[i] == 1) { i++; continue; }
            if (tcp[i] == 3) guest->window_shift = tcp[i + 2];
            i += tcp[i + 1] ? tcp[i + 1] : 1;
        }
        guest->window = get16(tcp + 14);
    } else {
        guest->window = (uint64_t)get16(tcp + 14) << guest->window_shift;
        if (get32(tcp + 4) == guest->received)
            guest->received += (uint32_t)payload;
        else
            payload = 0;
    }
    guest->acknowledged = get32(tcp + 8);
    return payload;
}
