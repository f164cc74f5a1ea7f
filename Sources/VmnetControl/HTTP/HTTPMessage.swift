/// The head of an HTTP/1.1 message, as far as one exchange between ourselves needs it (RFC 9112): a start line, and the
/// length of the body that follows. Who serves others does that through `HTTPDaemon`.
package struct HTTPMessage: Equatable {
    /// `GET / HTTP/1.1` or `HTTP/1.1 200 OK`.
    package let startLine: String
    /// Of the body, in bytes.
    package let contentLength: Int

    /// A head of our own is far shorter.
    package static let maximumHeadByteCount = 4096

    package init(_ startLine: String, contentLength: Int = 0) {
        self.startLine = startLine
        self.contentLength = contentLength
    }

    /// The head in `bytes`, and how many bytes it takes; nil while it is incomplete.
    package static func parse(_ bytes: [UInt8]) throws(HTTPError) -> (head: HTTPMessage, byteCount: Int)? {
        guard let end = endOfHead(bytes) else {
            if bytes.count >= maximumHeadByteCount {
                throw .malformed("a head of more than \(maximumHeadByteCount) bytes")
            }
            return nil
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        guard let startLine = lines.first else { throw .malformed("no start line") }
        var contentLength = 0
        for line in lines.dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-length" else { continue }
            guard let length = Int(field[1].drop { $0 == " " }), length >= 0 else {
                throw .malformed("the content length\(field[1])")
            }
            contentLength = length
        }
        return (HTTPMessage(String(startLine), contentLength: contentLength), end)
    }

    /// The head as it is sent. One exchange a connection: nobody has to find the end of a body.
    package var bytes: [UInt8] {
        Array("\(startLine)\r\nHost: localhost\r\nContent-Length: \(contentLength)\r\nConnection: close\r\n\r\n".utf8)
    }

    /// The index after the empty line.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= end.count else { return nil }
        return (end.count...bytes.count).first { bytes[($0 - end.count)..<$0].elementsEqual(end) }
    }
}

/// Why an exchange came to nothing.
package enum HTTPError: Error, Equatable {
    /// What was received is not what was agreed.
    case malformed(String)
    /// The other end was gone before everything was said.
    case ended(afterByteCount: Int)
    case timedOut
    case system(String)
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let what): "the other end sent \(what)"
        case .ended(let count): "the connection ended after \(count) bytes"
        case .timedOut: "nothing moved for 30 seconds"
        case .system(let what): what
        }
    }
}
