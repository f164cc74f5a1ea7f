// What Swift sees of the C interface: the public headers without what takes blocks, and the seam below that (seam.h).
#ifndef CVMNET_H
#define CVMNET_H

#define VMNET_WITHOUT_BLOCKS 1
// Swift would link libuuid for its header.
#define XPC_WITHOUT_UUID 1
#include <openvmnet.h>
#include <vmnet/vmnet.h>

#include "seam.h"

#endif
