/* <Availability.h>, for programs written for macOS: its version numbers, and its attributes, which do nothing. */
#ifndef OPENVMNET_COMPAT_AVAILABILITY_H
#define OPENVMNET_COMPAT_AVAILABILITY_H

#include <os/availability.h>
#include <vmnet/version.h>

#endif
