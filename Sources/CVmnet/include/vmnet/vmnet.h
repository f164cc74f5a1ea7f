/*
 * <vmnet/vmnet.h> for Linux: networks for virtual machines, with the interface of macOS's vmnet.framework.
 *
 * A program that was written for macOS compiles with these headers, with clang -fblocks, and links with
 * `pkg-config --cflags --libs vmnet`. <openvmnet.h> is the same without blocks and dispatch queues, for everybody else.
 *
 * A network lives in the process that asks for it: interfaces of one process with the same mode and the same addresses
 * (none given is the same as none given) are on one network, which ends with the last of them. With
 * OPENVMNET_NETWORK=NAME in the environment every interface is instead on the network that `openvmnet serve --name
 * NAME` runs.
 *
 * Threads: every function may be called from any thread, also at the same time, and from every block.
 * Errors: what went wrong is said in a line on standard error beside the status; OPENVMNET_LOG_LEVEL (error, warning,
 * info, debug, trace) says how much more is said there.
 */
#ifndef VMNET_VMNET_H
#define VMNET_VMNET_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <vmnet/version.h>
#include <xpc/xpc.h>

/* Functions that take blocks are there for compilers that have them. */
#if defined(__BLOCKS__) && !defined(VMNET_WITHOUT_BLOCKS)
#define VMNET_HAS_BLOCKS 1
#if __has_include(<dispatch/dispatch.h>)
#include <dispatch/dispatch.h>
#else
typedef struct dispatch_queue_s *dispatch_queue_t;
#endif
#if __has_include(<sys/qos.h>)
#include <sys/qos.h>
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Numbers ---- */

/* What a network reaches beyond its own segment. */
typedef uint32_t operating_modes_t;
typedef operating_modes_t vmnet_mode_t;
enum {
    /* The other interfaces and this host. */
    VMNET_HOST_MODE = 1000,
    /* These, and by address translation whatever the host reaches. */
    VMNET_SHARED_MODE = 1001,
    /* The physical network of one of the host's interfaces, as a station of its own. Needs CAP_NET_RAW. */
    VMNET_BRIDGED_MODE = 1002
};

/* What an event callback is called for; a set of bits. */
typedef uint32_t interface_event_t;
enum {
    /* Packets wait to be read. */
    VMNET_INTERFACE_PACKETS_AVAILABLE = 1 << 0
};

typedef uint32_t vmnet_return_t;
enum {
    VMNET_SUCCESS = 1000,
    /* What the other statuses do not say. */
    VMNET_FAILURE = 1001,
    /* No memory, or no more interfaces on one network. */
    VMNET_MEM_FAILURE = 1002,
    /* A value that is missing, out of range or in contradiction to another one. */
    VMNET_INVALID_ARGUMENT = 1003,
    /* The interface has not started, or is stopped. */
    VMNET_SETUP_INCOMPLETE = 1004,
    /* This process may not do that. */
    VMNET_INVALID_ACCESS = 1005,
    /* A packet is longer than vmnet_max_packet_size. */
    VMNET_PACKET_TOO_BIG = 1006,
    /* The kernel has no room for more. */
    VMNET_BUFFER_EXHAUSTED = 1007,
    /* More packets than vmnet_read_max_packets or vmnet_write_max_packets. */
    VMNET_TOO_MANY_PACKETS = 1008,
    /* The addresses are in use on this host, or by another network. */
    VMNET_SHARING_SERVICE_BUSY = 1009,
    /* A network in another process let nobody in. */
    VMNET_NOT_AUTHORIZED = 1010
};

/* ---- Objects ---- */

/* An interface; from the call that starts it to the completion of vmnet_stop_interface. */
typedef struct vmnet_interface *interface_ref;

/* A network, and what one is made from (macOS 26); counted, and given back with CFRelease. */
typedef struct vmnet_network *vmnet_network_ref;
typedef struct vmnet_network_configuration *vmnet_network_configuration_ref;

/* A MAC address; its bytes are called ether_addr_octet on Linux. */
typedef struct ether_addr ether_addr_t;

/* A packet: an Ethernet frame without its check sequence, with the virtio header in front where that was asked for. */
struct vmpktdesc {
    /* Bytes of the packet. vmnet_write: how many there are. vmnet_read: set to how many came; the parts say how much
       room there is. */
    size_t vm_pkt_size;
    /* Where they are; vmnet changes none of its fields. */
    struct iovec *vm_pkt_iov;
    /* Elements of vm_pkt_iov, from 1 on. */
    uint32_t vm_pkt_iovcnt;
    /* 0. */
    uint32_t vm_flags;
};

/* ---- Keys. Each one's text is its name without `_key`. ---- */

/* In the description of an interface: uint64, one of VMNET_*_MODE. Required but by vmnet_interface_start_with_network.
   */
extern const char *const vmnet_operation_mode_key;
/* string: the host's interface that a bridged network is on. Required there. */
extern const char *const vmnet_shared_interface_name_key;
/* bool (true): whether vmnet_mac_address has an address made by vmnet. false: there is none, the guest has its own. */
extern const char *const vmnet_allocate_mac_address_key;
/* string: the gateway, which is the host; private (RFC 1918). Three keys that come together or not at all. Also given
   back. */
extern const char *const vmnet_start_address_key;
/* string: the last address that DHCP gives out; the first is the one after the gateway. Also given back. */
extern const char *const vmnet_end_address_key;
/* string: the mask of the subnet that holds both; its other addresses are for static use. Also given back. */
extern const char *const vmnet_subnet_mask_key;
/* string: the IPv6 /64 of guests in shared mode, within fd00::/8. Also given back. */
extern const char *const vmnet_nat66_prefix_key;
/* uint64: 64. */
extern const char *const vmnet_nat66_prefix_length_key;
/* uuid: who the interface is; the same one gets the same MAC address and the same lease. Also given back. */
extern const char *const vmnet_interface_id_key;
/* uint64: the largest IP packet in bytes; 1280 to 65521, 1500 unless given. Not in bridged mode. Also given back. */
extern const char *const vmnet_mtu_key;
/* uuid: a network of its own in host mode, without DHCP. */
extern const char *const vmnet_network_identifier_key;
/* string: the host's address in such a network. */
extern const char *const vmnet_host_ip_address_key;
/* string: its mask; the two come together. */
extern const char *const vmnet_host_subnet_mask_key;
/* string: the host's IPv6 address in such a network. Refused with VMNET_INVALID_ARGUMENT: there is none. */
extern const char *const vmnet_host_ipv6_address_key;
/* bool (false): whether the interface exchanges packets with the gateway only. */
extern const char *const vmnet_enable_isolation_key;
/* bool (false): whether TCP packets of up to 64 KiB pass whole. */
extern const char *const vmnet_enable_tso_key;
/* bool (false): whether packets that are written may have checksums that are not yet computed. */
extern const char *const vmnet_enable_checksum_offload_key;
/* bool (false): whether every packet has a virtio-net header of 12 bytes in front. Not with checksum offload. */
extern const char *const vmnet_enable_virtio_header_key;

/* In the parameters of an interface: string, 52:54:00:12:34:56: the address that the guest is to have. */
extern const char *const vmnet_mac_address_key;
/* uint64: bytes of the largest packet, as struct vmpktdesc counts them. */
extern const char *const vmnet_max_packet_size_key;
/* uint64: packets that one vmnet_read may ask for. */
extern const char *const vmnet_read_max_packets_key;
/* uint64: packets that one vmnet_write may take. */
extern const char *const vmnet_write_max_packets_key;

/* In an event: uint64: packets that waited when it was delivered, at least 1. */
extern const char *const vmnet_estimated_packets_available_key;

/* ---- Interfaces ---- */

#ifdef VMNET_HAS_BLOCKS

/* The parameters of the interface, lent until the block ends; NULL with any status but VMNET_SUCCESS. */
typedef void (^vmnet_start_interface_completion_handler_t)(vmnet_return_t status, xpc_object_t interface_param);
/* The event, lent until the block ends. */
typedef void (^vmnet_interface_event_callback_t)(interface_event_t event_mask, xpc_object_t event);
typedef void (^vmnet_interface_completion_handler_t)(vmnet_return_t status);
/* An array of rules, lent until the block ends. */
typedef void (^vmnet_interface_get_port_forwarding_rules_handler_t)(xpc_object_t rules);
typedef void (^vmnet_interface_get_ip_port_forwarding_rules_handler_t)(xpc_object_t rules);

/*
 * Starts an interface, on the network that its description names.
 *
 * interface_desc: a dictionary of the keys above; read before the function returns.
 * queue: where the handler is called; retained until then.
 * handler: copied; called once, never before this function has returned. Errors are its status.
 * Returns an interface that is the caller's to stop, whatever the status; NULL only for a NULL argument, and then the
 * handler is not called.
 */
interface_ref vmnet_start_interface(
    xpc_object_t interface_desc, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t handler);

/*
 * The same on a network that exists. Keys that say what the network is (mode, addresses, MTU, prefix, identifier) are
 * not read. The interface keeps the network running.
 */
interface_ref vmnet_interface_start_with_network(
    vmnet_network_ref network, xpc_object_t interface_desc, dispatch_queue_t queue,
    vmnet_start_interface_completion_handler_t handler);

/*
 * Has the block called while packets wait: when some have come, after a vmnet_read that left some, and, while nobody
 * reads them, again and again at growing intervals (5 to 320 ms). Never when none wait, and one call at a time.
 *
 * event_mask: VMNET_INTERFACE_PACKETS_AVAILABLE.
 * queue, callback: retained and copied; both NULL for no more calls, also from the callback itself. Calls that have
 * begun on another thread may still be running when the function returns; no other one begins.
 * Returns VMNET_SUCCESS, VMNET_INVALID_ARGUMENT, or VMNET_SETUP_INCOMPLETE unless the interface has started.
 */
vmnet_return_t vmnet_interface_set_event_callback(
    interface_ref interface, interface_event_t event_mask, dispatch_queue_t queue,
    vmnet_interface_event_callback_t callback);

/*
 * Stops an interface, also one whose start failed or is not complete: no event is delivered afterwards.
 *
 * handler: copied; called once on the queue, after every block of this interface that was on its way has been called or
 * given up. The reference is invalid from then on.
 * Returns VMNET_SUCCESS; VMNET_INVALID_ARGUMENT for a NULL argument and VMNET_SETUP_INCOMPLETE for an interface that is
 * stopped already, and then the handler is not called.
 */
vmnet_return_t vmnet_stop_interface(
    interface_ref interface, dispatch_queue_t queue, vmnet_interface_completion_handler_t handler);

#endif

/*
 * Reads packets that wait, oldest first. Never blocks.
 *
 * packets: *pktcnt of them, each with room for the largest packet in its parts; vm_pkt_size becomes the packet's size.
 * pktcnt: in, how many; out, how many were read. None waited: 0, with VMNET_SUCCESS and errno EWOULDBLOCK.
 * Returns VMNET_TOO_MANY_PACKETS for more than vmnet_read_max_packets, VMNET_PACKET_TOO_BIG when the packet whose
 * turn it is does not fit into the first buffer, and stays (a later one ends the batch), VMNET_INVALID_ARGUMENT for
 * what is no buffer, and VMNET_SETUP_INCOMPLETE unless the interface runs.
 */
vmnet_return_t vmnet_read(interface_ref interface, struct vmpktdesc *packets, int *pktcnt);

/*
 * Sends packets; what they cause on the network has happened when it returns. Never blocks.
 *
 * packets: *pktcnt of them, of vm_pkt_size bytes, which the parts together hold.
 * pktcnt: in, how many; out, how many were sent.
 * Returns VMNET_TOO_MANY_PACKETS for more than vmnet_write_max_packets; VMNET_PACKET_TOO_BIG and VMNET_INVALID_ARGUMENT
 * (less than an Ethernet header, or more than the parts hold) for the first packet that is not sent; those before it
 * have been. VMNET_SETUP_INCOMPLETE unless the interface runs.
 */
vmnet_return_t vmnet_write(interface_ref interface, struct vmpktdesc *packets, int *pktcnt);

/*
 * The host's interfaces that a network can be bridged to: an array of strings, which the caller owns; empty when there
 * is none, never NULL.
 */
xpc_object_t vmnet_copy_shared_interface_list(void);

/* ---- Port forwarding: ports of this host, at all its addresses, that lead to a guest of a shared or host network ----
 *
 * Handlers are called on the queue that the interface was started with.
 */

#ifdef VMNET_HAS_BLOCKS

/*
 * Opens a port of this host that leads to a guest's, until it is removed or the network ends.
 *
 * protocol: IPPROTO_TCP or IPPROTO_UDP. Ports are in host order, internal_address is in network order.
 * handler: may be NULL; copied, and called once with the outcome: VMNET_SUCCESS, VMNET_SHARING_SERVICE_BUSY when the
 * port is taken, VMNET_INVALID_ACCESS when this process may not have it.
 * Returns VMNET_SUCCESS when the handler will be called; VMNET_INVALID_ARGUMENT, VMNET_SETUP_INCOMPLETE when it will
 * not.
 */
vmnet_return_t vmnet_interface_add_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, struct in_addr internal_address,
    uint16_t internal_port, vmnet_interface_completion_handler_t handler);

/* Closes such a port, and the connections through it; the handler's status is VMNET_INVALID_ARGUMENT when there is
   none. */
vmnet_return_t vmnet_interface_remove_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, vmnet_interface_completion_handler_t handler);

/* Calls the handler once with the rules of the interface's network that this process has added. */
vmnet_return_t vmnet_interface_get_port_forwarding_rules(
    interface_ref interface, vmnet_interface_get_port_forwarding_rules_handler_t handler);

/*
 * The three for both families. address_family: AF_INET, or AF_INET6, whose internal_address is a struct in6_addr;
 * guests are reached by IPv4 only, so that AF_INET6 is refused with VMNET_INVALID_ARGUMENT, and has no rules.
 */
vmnet_return_t vmnet_interface_add_ip_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family,
    const void *internal_address, uint16_t internal_port, vmnet_interface_completion_handler_t handler);
vmnet_return_t vmnet_interface_remove_ip_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family,
    vmnet_interface_completion_handler_t handler);
vmnet_return_t vmnet_interface_get_ip_port_forwarding_rules(
    interface_ref interface, uint8_t address_family, vmnet_interface_get_ip_port_forwarding_rules_handler_t handler);

#endif

/* What a rule of such an array says. NULL for what is not of interest. Returns VMNET_INVALID_ARGUMENT for what is no
   rule. */
vmnet_return_t vmnet_port_forwarding_rule_get_details(
    xpc_object_t rule, uint8_t *protocol, uint16_t *external_port, struct in_addr *internal_address,
    uint16_t *internal_port);
vmnet_return_t vmnet_ip_port_forwarding_rule_get_details(
    xpc_object_t rule, uint8_t *protocol, uint16_t *external_port, uint8_t address_family, void *internal_address,
    uint16_t *internal_port);

/* ---- Networks as objects (macOS 26) ---- */

/*
 * What a network is to be made from: address translation, DHCP, DNS proxy and router advertisements on, a free /24, a
 * random IPv6 prefix in shared mode, MTU 1500. Configurations are not for several threads at a time.
 *
 * mode: VMNET_HOST_MODE or VMNET_SHARED_MODE.
 * status: may be NULL. VMNET_INVALID_ARGUMENT for any other mode.
 * Returns an object that the caller owns, or NULL.
 */
vmnet_network_configuration_ref vmnet_network_configuration_create(vmnet_mode_t mode, vmnet_return_t *status);

/* The host's interface that shared traffic leaves by, rather than the one that the routing table says. */
vmnet_return_t vmnet_network_configuration_set_external_interface(
    vmnet_network_configuration_ref config, const char *ifname);

/* The IPv4 subnet, private (RFC 1918); its second address is the host's, its first and last are nobody's. */
vmnet_return_t vmnet_network_configuration_set_ipv4_subnet(
    vmnet_network_configuration_ref config, const struct in_addr *subnet_addr, const struct in_addr *subnet_mask);

/* The IPv6 prefix: 64 bits, within fd00::/8. */
vmnet_return_t vmnet_network_configuration_set_ipv6_prefix(
    vmnet_network_configuration_ref config, const struct in6_addr *prefix, uint8_t prefix_len);

/* The largest IP packet in bytes, 1280 to 65521. */
vmnet_return_t vmnet_network_configuration_set_mtu(vmnet_network_configuration_ref config, uint32_t mtu);

/* Has DHCP give `reservation` to the guest with the MAC address `client`, and to nobody else. */
vmnet_return_t vmnet_network_configuration_add_dhcp_reservation(
    vmnet_network_configuration_ref config, const ether_addr_t *client, const struct in_addr *reservation);

/* A forward that the network begins with; see vmnet_interface_add_ip_port_forwarding_rule. The internal port comes
   first. */
vmnet_return_t vmnet_network_configuration_add_port_forwarding_rule(
    vmnet_network_configuration_ref config, uint8_t protocol, sa_family_t address_family, uint16_t internal_port,
    uint16_t external_port, const void *internal_address);

/* What a network can do without. */
void vmnet_network_configuration_disable_nat44(vmnet_network_configuration_ref config);
void vmnet_network_configuration_disable_nat66(vmnet_network_configuration_ref config);
void vmnet_network_configuration_disable_dhcp(vmnet_network_configuration_ref config);
void vmnet_network_configuration_disable_dns_proxy(vmnet_network_configuration_ref config);
void vmnet_network_configuration_disable_router_advertisement(vmnet_network_configuration_ref config);

/*
 * Makes a network from a configuration, which it copies, and reserves its addresses for as long as it lives.
 *
 * status: may be NULL. VMNET_SHARING_SERVICE_BUSY when the addresses are in use, VMNET_INVALID_ARGUMENT when the
 * configuration contradicts itself.
 * Returns an object that the caller owns, or NULL.
 */
vmnet_network_ref vmnet_network_create(vmnet_network_configuration_ref config, vmnet_return_t *status);

/* The network's IPv4 subnet and mask, in network order. */
void vmnet_network_get_ipv4_subnet(
    vmnet_network_ref network, struct in_addr *subnet_addr, struct in_addr *subnet_mask);

/* The network's IPv6 prefix and its length in bits; all zeros when it has none. */
void vmnet_network_get_ipv6_prefix(vmnet_network_ref network, struct in6_addr *prefix, uint8_t *prefix_len);

/*
 * What another process of the same user makes the same network from: a dictionary, which the caller owns, whose one
 * string (xpc_dictionary_apply finds it) may travel by any means. It is good while the network lives.
 *
 * status: may be NULL. Returns NULL with an error.
 */
xpc_object_t vmnet_network_copy_serialization(vmnet_network_ref network, vmnet_return_t *status);

/*
 * The network that another process serialized. It lives there; its end is noticed here.
 *
 * status: may be NULL. VMNET_INVALID_ARGUMENT for what is no serialization, VMNET_FAILURE when the network has ended.
 * Returns an object that the caller owns, or NULL.
 */
vmnet_network_ref vmnet_network_create_with_serialization(xpc_object_t serialization, vmnet_return_t *status);

/*
 * Adds and gives back a reference to a network or a configuration, from any thread; NULL is none. Programs for macOS
 * call CFRetain and CFRelease, which here know these objects alone.
 */
const void *vmnet_object_retain(const void *object);
void vmnet_object_release(const void *object);

#ifndef __COREFOUNDATION_CFBASE__
typedef const void *CFTypeRef;
static inline CFTypeRef CFRetain(CFTypeRef object) { return vmnet_object_retain(object); }
static inline void CFRelease(CFTypeRef object) { vmnet_object_release(object); }
#endif

#ifdef __cplusplus
}
#endif

#endif
