// Another process joins a network of this one by a line of text, and its interface is a guest like any other:
// serialization [TEXT]
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "../Support/plain.h"

extern char **environ;

static int be_the_other(const char *text) {
    ovn_network *network = ovn_network_join_serialization(text);
    SUCCEEDS(network != NULL);
    EXPECT(ovn_network_copy_serialization(network) == NULL);
    ovn_interface *interface = start_interface(network, 0);
    send_number(interface, everybody, 71, SHORTEST_FRAME);
    expect_number(interface, 72);
    ovn_interface_free(interface);
    ovn_network_free(network);
    return 0;
}

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    if (count == 2) return be_the_other(words[1]);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *interface = start_interface(network, 0);
    char *text = ovn_network_copy_serialization(network);
    SUCCEEDS(text != NULL);
    char *arguments[] = {words[0], text, NULL};
    pid_t child;
    EXPECT_EQUAL(posix_spawn(&child, words[0], NULL, NULL, arguments, environ), 0);
    free(text);
    expect_number(interface, 71);
    send_number(interface, everybody, 72, SHORTEST_FRAME);
    int outcome = -1;
    EXPECT(waitpid(child, &outcome, 0) == child);
    EXPECT_EQUAL(outcome, 0);
    ovn_interface_free(interface);
    ovn_network_free(network);
}
