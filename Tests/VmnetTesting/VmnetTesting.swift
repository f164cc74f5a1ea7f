// VmnetTesting: what the tests of several targets share.
//
// Owns:   bytes from hexadecimal text, addresses as literals, frames with right lengths and checksums, a port that
//         records what it is given, time that moves by hand, and random numbers that repeat.
// Never:  is part of a product, asserts (it imports no test library; a wrong literal stops the process), or reads a
//         clock more than once.
// Called: by the test targets.
