// The header is C++ too.
#include <openvmnet.h>

int main() {
    ovn_network_free(nullptr);
    return ovn_error_message()[0];
}
