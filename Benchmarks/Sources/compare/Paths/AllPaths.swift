/// Every path, in the order of the report. A new one is one more file and one more row here.
let allPaths: [any Path] = [
    OpenVmnetTAP(),
    OpenVmnetStream(),
    OpenVmnetRecord(),
    Slirp4netns(),
    Slirp4netnsRecord(),
    Pasta(),
    Passt(),
    QEMUUser(),
    VDESlirp(),
    KernelNAT(),
    KernelBridge(),
    OpenVmnetBridged(),
    KernelBridgeLAN(),
    Loopback(),
]
