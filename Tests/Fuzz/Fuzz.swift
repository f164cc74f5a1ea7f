// Fuzz: a check for each parser that sees bytes of a guest, run by libFuzzer on bytes that it mutates. See .ci/fuzz.
//
// Owns:   the checks (a file for each header) and small seeds for them in Corpus/<target>.
// Never:  is built with the package: every module under it must be instrumented.
// Called: FUZZ_TARGET=<target> Fuzz [libFuzzer's options] [folders or files]. Without a target it prints them all.

import Glibc

/// Looked up once: libFuzzer's call carries no context.
private let target = environment("FUZZ_TARGET").flatMap { name in FuzzTarget.all.first { $0.name == name } }

/// Called by libFuzzer's `main` before anything else.
@c(LLVMFuzzerInitialize)
func initialize(
    _ argumentCount: UnsafeMutablePointer<Int32>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> Int32 {
    guard target == nil else { return 0 }
    for target in FuzzTarget.all { print(target.name) }
    exit(environment("FUZZ_TARGET") == nil ? 0 : 2)
}

/// Called by libFuzzer for each input, which it lends for the call.
@c(LLVMFuzzerTestOneInput)
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    // Safety: libFuzzer lends `count` bytes.
    let buffer = unsafe UnsafeBufferPointer(start: bytes, count: count)
    unsafe target?.check(buffer.span)
    return 0
}

private func environment(_ name: String) -> String? {
    // Safety: the environment does not change while the string is copied.
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
