import ArgumentParser

// Synchronous on purpose: signal masks, namespaces and parent-death signals belong to threads, and after a first
// `await` a main function may no longer be on the initial one.
StandardStream.openMissing()
do {
    var command = try OpenVmnetCommand.parseAsRoot()
    try command.run()
} catch {
    Failure.exit(with: error)
}
