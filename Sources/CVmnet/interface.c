// <vmnet/vmnet.h>: the functions that take blocks. Each wraps its block and goes on in Swift.
#include "callback.h"

static interface_ref start(
    vmnet_network_ref network, xpc_object_t interface_desc, dispatch_queue_t queue,
    vmnet_start_interface_completion_handler_t handler)
{
    if (!interface_desc || !queue || !handler) return NULL;
    ovn_callback *completion = ovn_callback_create((const void *)handler, queue);
    return completion ? ovn_vmnet_start(network, interface_desc, completion) : NULL;
}

interface_ref vmnet_start_interface(
    xpc_object_t interface_desc, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t handler)
{
    return start(NULL, interface_desc, queue, handler);
}

interface_ref vmnet_interface_start_with_network(
    vmnet_network_ref network, xpc_object_t interface_desc, dispatch_queue_t queue,
    vmnet_start_interface_completion_handler_t handler)
{
    return network ? start(network, interface_desc, queue, handler) : NULL;
}

vmnet_return_t vmnet_interface_set_event_callback(
    interface_ref interface, interface_event_t event_mask, dispatch_queue_t queue,
    vmnet_interface_event_callback_t callback)
{
    if (!interface) return VMNET_INVALID_ARGUMENT;
    if (!callback) return ovn_vmnet_set_event_callback(interface, event_mask, NULL);
    if (!queue) return VMNET_INVALID_ARGUMENT;
    ovn_callback *wrapped = ovn_callback_create((const void *)callback, queue);
    return wrapped ? ovn_vmnet_set_event_callback(interface, event_mask, wrapped) : VMNET_MEM_FAILURE;
}

vmnet_return_t vmnet_stop_interface(
    interface_ref interface, dispatch_queue_t queue, vmnet_interface_completion_handler_t handler)
{
    if (!interface || !queue || !handler) return VMNET_INVALID_ARGUMENT;
    ovn_callback *completion = ovn_callback_create((const void *)handler, queue);
    return completion ? ovn_vmnet_stop(interface, completion) : VMNET_MEM_FAILURE;
}

// The callback for a handler without a queue of its own; NULL when there is no handler.
static ovn_callback *beside_start(interface_ref interface, const void *handler)
{
    return handler ? ovn_callback_create_beside(handler, ovn_vmnet_start_callback(interface)) : NULL;
}

vmnet_return_t vmnet_interface_add_ip_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family,
    const void *internal_address, uint16_t internal_port, vmnet_interface_completion_handler_t handler)
{
    if (!interface || !internal_address) return VMNET_INVALID_ARGUMENT;
    return ovn_vmnet_add_forward(
        interface, protocol, external_port, address_family, internal_address, internal_port,
        beside_start(interface, (const void *)handler));
}

vmnet_return_t vmnet_interface_add_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, struct in_addr internal_address,
    uint16_t internal_port, vmnet_interface_completion_handler_t handler)
{
    return vmnet_interface_add_ip_port_forwarding_rule(
        interface, protocol, external_port, AF_INET, &internal_address, internal_port, handler);
}

vmnet_return_t vmnet_interface_remove_ip_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family,
    vmnet_interface_completion_handler_t handler)
{
    if (!interface) return VMNET_INVALID_ARGUMENT;
    return ovn_vmnet_remove_forward(
        interface, protocol, external_port, address_family, beside_start(interface, (const void *)handler));
}

vmnet_return_t vmnet_interface_remove_port_forwarding_rule(
    interface_ref interface, uint8_t protocol, uint16_t external_port, vmnet_interface_completion_handler_t handler)
{
    return vmnet_interface_remove_ip_port_forwarding_rule(interface, protocol, external_port, AF_INET, handler);
}

vmnet_return_t vmnet_interface_get_ip_port_forwarding_rules(
    interface_ref interface, uint8_t address_family, vmnet_interface_get_ip_port_forwarding_rules_handler_t handler)
{
    if (!interface || !handler) return VMNET_INVALID_ARGUMENT;
    return ovn_vmnet_get_forwards(interface, address_family, beside_start(interface, (const void *)handler));
}

vmnet_return_t vmnet_interface_get_port_forwarding_rules(
    interface_ref interface, vmnet_interface_get_port_forwarding_rules_handler_t handler)
{
    return vmnet_interface_get_ip_port_forwarding_rules(interface, AF_INET, handler);
}
