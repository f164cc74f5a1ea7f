/* <TargetConditionals.h>, for programs written for macOS: the target is none of Apple's. */
#ifndef OPENVMNET_COMPAT_TARGETCONDITIONALS_H
#define OPENVMNET_COMPAT_TARGETCONDITIONALS_H

#define TARGET_OS_MAC 0
#define TARGET_OS_OSX 0
#define TARGET_OS_IPHONE 0
#define TARGET_OS_SIMULATOR 0
#define TARGET_OS_UNIX 0
#define TARGET_OS_LINUX 1

#endif
