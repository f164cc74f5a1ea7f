// The header needs nothing before it.
#include <openvmnet.h>

int main(void) {
    return ovn_error_message()[0];
}
