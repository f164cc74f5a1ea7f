/// The library in a program.
struct OpenVmnetLibrary: ProgramPath {
    let id = "openvmnet-library"
    let title = "OpenVmnet, library"
    let role = PathRole.ours
    let programs: [String] = []
    let reading = "library"

    var version: String { OpenVmnetTAP().version }
}
