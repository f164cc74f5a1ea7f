// VmnetC: the C interface, <vmnet/vmnet.h>, <xpc/xpc.h> and <openvmnet.h>.
//
// Owns:   the objects that C programs hold, this process's networks by what was asked of them, and the errors as statuses.
// Never:  knows what a network is made of: it checks arguments, calls OpenVmnet, and maps what that throws.
// Called: by C programs, through libvmnet.so. The compiler checks every function against its declaration.
//
// Blocks and dispatch queues stay in CVmnet, whose C files call the functions of seam.h that are written here.
