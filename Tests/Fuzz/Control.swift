import OpenVmnet
import VmnetWire

@testable import VmnetControl

extension FuzzTarget {
    /// A request that is understood keeps its rules, and is written as it was meant.
    static let attachRequest = FuzzTarget(name: "attach-request") { bytes in
        guard let request = try? AttachDesk.request([UInt8](copying: bytes)) else { return }
        require(request.version == ControlJSON.version, "\(request)")
        require(request.label.map { (1...64).contains($0.utf8.count) } ?? true, "\(request)")
        let again = try? AttachDesk.request((try? ControlJSON.encode(request)) ?? [])
        require(again == request, "\(request), \(String(describing: again))")
    }

    /// A head is no longer than what it was found in.
    static let httpHead = FuzzTarget(name: "http-head") { bytes in
        guard let (head, byteCount) = (try? HTTPMessage.parse([UInt8](copying: bytes))) ?? nil else { return }
        require(byteCount <= bytes.count && head.contentLength >= 0, "\(head)")
    }

    /// What is a port's number is written as it was read.
    static let portNumber = FuzzTarget(name: "port-number") { bytes in
        let text = String(decoding: [UInt8](copying: bytes), as: UTF8.self)
        if let port = PortNumber(text) { require("\(port)" == text, text) }
    }
}
