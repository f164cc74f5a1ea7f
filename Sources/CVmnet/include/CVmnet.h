// What Swift sees of the C interface: the public headers without blocks, and the seam below them (delivery.h).
#ifndef CVMNET_H
#define CVMNET_H

#define VMNET_WITHOUT_BLOCKS 1
#include <openvmnet.h>
#include <vmnet/vmnet.h>

#endif
