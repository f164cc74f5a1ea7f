/*
 * <CoreFoundation/CoreFoundation.h>, for programs written for macOS that release vmnet's objects: CFRetain and CFRelease
 * for these alone, which <vmnet/vmnet.h> has.
 */
#ifndef OPENVMNET_COMPAT_COREFOUNDATION_H
#define OPENVMNET_COMPAT_COREFOUNDATION_H

#include <vmnet/vmnet.h>

#endif
