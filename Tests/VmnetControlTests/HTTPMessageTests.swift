import Testing
import VmnetControl

@Suite struct HTTPMessageTests {
    @Test func `a head is read back as it is sent`() throws {
        let head = HTTPMessage("PUT / HTTP/1.1", contentLength: 268_435_456)
        let (parsed, byteCount) = try #require(try HTTPMessage.parse(head.bytes))
        #expect(parsed == head)
        #expect(byteCount == head.bytes.count)
    }

    @Test func `a head is incomplete until its empty line, and the body is not part of it`() throws {
        let head = HTTPMessage("GET / HTTP/1.1")
        for count in 0..<head.bytes.count {
            #expect(try HTTPMessage.parse(Array(head.bytes[..<count])) == nil)
        }
        let (parsed, byteCount) = try #require(try HTTPMessage.parse(head.bytes + Array("\r\n\r\nbody".utf8)))
        #expect(parsed == head)
        #expect(byteCount == head.bytes.count)
    }

    @Test func `the length of the body is found in any case, and is 0 when absent`() throws {
        let text = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH:64\r\n\r\n"
        #expect(try HTTPMessage.parse(Array(text.utf8))?.head == HTTPMessage("HTTP/1.1 200 OK", contentLength: 64))
        #expect(try HTTPMessage.parse(Array("GET / HTTP/1.1\r\n\r\n".utf8))?.head == HTTPMessage("GET / HTTP/1.1"))
    }

    @Test(arguments: ["-1", "many", "", "99999999999999999999"])
    func `a length that is none is refused`(length: String) {
        let text = "GET / HTTP/1.1\r\nContent-Length: \(length)\r\n\r\n"
        #expect(throws: HTTPError.self) { try HTTPMessage.parse(Array(text.utf8)) }
    }

    @Test func `a head without an end is refused`() {
        #expect(throws: HTTPError.self) {
            try HTTPMessage.parse([UInt8](repeating: 65, count: HTTPMessage.maximumHeadByteCount))
        }
        #expect(throws: HTTPError.self) { try HTTPMessage.parse([13, 10, 13, 10]) }
    }
}
