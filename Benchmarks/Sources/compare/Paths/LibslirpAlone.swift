/// libslirp driven by a C program, without anything beside it.
struct LibslirpAlone: ProgramPath {
    let id = "libslirp"
    let title = "libslirp alone"
    let role = PathRole.peer
    let programs: [String] = []
    let reading = "libslirp"

    var version: String {
        (try? run("pkg-config", "--modversion", "slirp").split(whereSeparator: \.isNewline).first.map { String($0) })
            ?? "unknown"
    }
}
