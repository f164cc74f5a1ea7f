import VmnetWire

@testable import OpenVmnet

extension FuzzTarget {
    /// What is understood is written so that it is understood as the same.
    static let json = FuzzTarget(name: "json") { bytes in
        guard let object = try? JSONObject(parsing: [UInt8](copying: bytes)) else { return }
        require((try? JSONObject(parsing: object.bytes)) == object, "\(object)")
    }

    /// A request that is understood keeps its rules, and is written as it was meant.
    static let attachRequest = FuzzTarget(name: "attach-request") { bytes in
        guard let request = try? AttachRequest(parsing: [UInt8](copying: bytes)) else { return }
        require(request.label.map { (1...64).contains($0.utf8.count) } ?? true, "\(request)")
        require((try? AttachRequest(parsing: request.bytes)) == request, "\(request)")
    }

    /// The same of an answer.
    static let attachAnswer = FuzzTarget(name: "attach-answer") { bytes in
        guard let answer = try? AttachAnswer(parsing: [UInt8](copying: bytes)) else { return }
        require((try? AttachAnswer(parsing: answer.bytes)) == answer, "\(answer)")
    }
}
