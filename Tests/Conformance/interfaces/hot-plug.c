// Interfaces come and go while others work, on all threads at once, and nothing is lost, mixed up or left behind.
#include <dirent.h>

#include "../Support/client.h"

enum { ROUNDS = 25, THREADS = 4 };

static int open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(directory)) count++;
    closedir(directory);
    return count;
}

static void plug_and_unplug(void) {
    for (int round = 0; round < ROUNDS; round++) {
        struct client client = start(describe(VMNET_HOST_MODE));
        announce(&client);
        expect_gateway(&client, "192.168.105.14", GATEWAY);
        stop(&client);
    }
}

int main(void) {
    alarm(6 * PATIENCE);
    plug_and_unplug();
    int before = open_descriptors();
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    dispatch_group_t group = dispatch_group_create();
    for (int thread = 0; thread < THREADS; thread++) {
        dispatch_queue_t queue = dispatch_queue_create("conformance.plugger", DISPATCH_QUEUE_SERIAL);
        dispatch_group_async(group, queue, ^{
            plug_and_unplug();
        });
        dispatch_release(queue);
    }
    uint32_t number = 1;
    while (dispatch_group_wait(group, DISPATCH_TIME_NOW) != 0) {
        send_numbered(&sender, receiver.mac, number, 1, 200);
        expect_numbered(&receiver, number);
        number++;
    }
    dispatch_release(group);
    stop(&receiver);
    stop(&sender);
    // The last network ends, and takes its descriptors along, soon after its last interface.
    EVENTUALLY(open_descriptors() <= before);
}
