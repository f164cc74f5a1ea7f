// A network is made again from its serialization, in this process and, as its child, in another one, and interfaces of
// all of them meet: serialization [TEXT]
#include <spawn.h>
#include <sys/wait.h>

#include "../Support/client.h"

extern char **environ;

static struct client start_on(vmnet_network_ref network) {
    struct client client = start_by(
        xpc_dictionary_create(NULL, NULL, 0),
        ^(xpc_object_t wanted, dispatch_queue_t queue, vmnet_start_interface_completion_handler_t completion) {
            return vmnet_interface_start_with_network(network, wanted, queue, completion);
        });
    EXPECT_EQUAL(client.status, VMNET_SUCCESS);
    return client;
}

// The other process: says hello on the network, and waits for an answer.
static int be_the_other(const char *key, const char *text) {
    xpc_object_t serialization = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(serialization, key, text);
    vmnet_return_t status = VMNET_FAILURE;
    vmnet_network_ref network = vmnet_network_create_with_serialization(serialization, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    xpc_release(serialization);
    struct client client = start_on(network);
    CFRelease(network);
    send_numbered(&client, everybody, 71, 1, SHORTEST_FRAME);
    expect_numbered(&client, 72);
    expect_gateway(&client, "192.168.113.99", "192.168.113.1");
    stop(&client);
    return 0;
}

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    if (count == 3) return be_the_other(words[1], words[2]);
    vmnet_network_configuration_ref configuration = vmnet_network_configuration_create(VMNET_HOST_MODE, NULL);
    struct in_addr subnet = address("192.168.113.0"), mask = address(MASK);
    EXPECT_EQUAL(vmnet_network_configuration_set_ipv4_subnet(configuration, &subnet, &mask), VMNET_SUCCESS);
    vmnet_network_ref network = vmnet_network_create(configuration, NULL);
    EXPECT(network != NULL);
    CFRelease(configuration);
    struct client client = start_on(network);

    vmnet_return_t status = VMNET_FAILURE;
    xpc_object_t serialization = vmnet_network_copy_serialization(network, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    EXPECT(serialization != NULL);
    vmnet_network_ref same = vmnet_network_create_with_serialization(serialization, &status);
    EXPECT_EQUAL(status, VMNET_SUCCESS);
    struct in_addr found, found_mask;
    vmnet_network_get_ipv4_subnet(same, &found, &found_mask);
    EXPECT(found.s_addr == subnet.s_addr);
    struct client companion = start_on(same);
    announce(&companion);
    expect_numbered(&client, 0);
    stop(&companion);
    CFRelease(same);

    xpc_dictionary_apply(serialization, ^bool(const char *key, xpc_object_t value) {
        EXPECT(xpc_get_type(value) == XPC_TYPE_STRING);
        char *arguments[] = {words[0], (char *)key, (char *)xpc_string_get_string_ptr(value), NULL};
        pid_t child;
        EXPECT_EQUAL(posix_spawn(&child, words[0], NULL, NULL, arguments, environ), 0);
        expect_numbered((struct client *)&client, 71);
        send_numbered((struct client *)&client, everybody, 72, 1, SHORTEST_FRAME);
        int outcome = -1;
        EXPECT(waitpid(child, &outcome, 0) == child);
        EXPECT_EQUAL(outcome, 0);
        return true;
    });
    xpc_release(serialization);
    xpc_object_t nonsense = xpc_dictionary_create(NULL, NULL, 0);
    EXPECT(vmnet_network_create_with_serialization(nonsense, &status) == NULL);
    EXPECT(status != VMNET_SUCCESS);
    xpc_release(nonsense);
    CFRelease(network);
    stop(&client);
}
