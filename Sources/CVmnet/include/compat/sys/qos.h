/* <sys/qos.h>, for programs written for macOS: what dispatch_get_global_queue takes, by its names. */
#ifndef OPENVMNET_COMPAT_SYS_QOS_H
#define OPENVMNET_COMPAT_SYS_QOS_H

typedef enum {
    QOS_CLASS_UNSPECIFIED = 0x00,
    QOS_CLASS_BACKGROUND = 0x09,
    QOS_CLASS_UTILITY = 0x11,
    QOS_CLASS_DEFAULT = 0x15,
    QOS_CLASS_USER_INITIATED = 0x19,
    QOS_CLASS_USER_INTERACTIVE = 0x21
} qos_class_t;

#endif
