// VmnetControl: how a running network is asked and changed from outside its process.
//
// Owns:   the JSON documents, the HTTP server on a Unix socket, the metrics page, and the client. The socket that takes
//         guests by passed descriptor is served by the same thread; what it says is the library's (OpenVmnet/Joining).
// Never:  moves frames, keeps state of the network, or listens where a guest could reach it.
// Called: by the command line: `serve` has a ControlServer, the other verbs a ControlClient.
//
// The server has one thread, which sleeps while nobody asks. It copies what it needs under the network's lock, and
// encodes and sends without it: a slow client waits for nobody, and nobody for it.
