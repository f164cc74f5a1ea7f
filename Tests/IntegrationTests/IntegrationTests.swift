// The promises to a user, each kept by real guests against the built `openvmnet`: one file a promise.
//
// Owns: the suite that all of them belong to, which runs one test at a time, because the guests use the whole machine.
// Never: looks inside. Everything goes through the command line, the sockets and the files that a user has.
// Called by: `swift test`; `.ci/test` installs what the guests need first.
//
// A test says what it needs (`.needs(...)`). What is missing skips it with the name of the package to install, or, when
// CI is set, fails it. Nothing outlives a test: see Child, Namespace and TemporaryFolder in Support.
import Testing

/// All tests with real guests, one after the other.
@Suite(.serialized) enum Integration {}
