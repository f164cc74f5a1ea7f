/// A socket of the program itself, without any network.
struct LoopbackProgram: ProgramPath {
    let id = "loopback-program"
    let title = "loopback, one program"
    let role = PathRole.limit
    let programs: [String] = []
    let reading = "loopback"
}
