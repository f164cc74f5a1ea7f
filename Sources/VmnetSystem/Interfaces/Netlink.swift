import CVmnetLinux
import Glibc
import SystemPackage

/// Questions to the kernel's routing tables (netlink(7), RFC 3549). Numbers are in host order, addresses big-endian.
enum Netlink {
    struct Message {
        let type: Int
        let payload: ArraySlice<UInt8>

        init(type: Int, payload: ArraySlice<UInt8>) {
            self.type = type
            // Indexed from zero.
            self.payload = ArraySlice(Array(payload))
        }

        /// The attributes that follow the message's fixed part, by number; of several with one number, the last.
        func attributes(after offset: Int) -> [UInt16: Attribute] { Netlink.attributes(in: payload, after: offset) }
    }

    struct Attribute {
        let bytes: [UInt8]

        /// The attributes that this one consists of.
        var nested: [UInt16: Attribute] { Netlink.attributes(in: bytes[...], after: 0) }
        /// The value as a text that ends with a zero.
        var text: String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        /// The value as a number in host order.
        var word: UInt32? { bytes.count == 4 ? bytes[...].word(at: 0) : nil }
        /// The value as an IPv4 address.
        var address: UInt32? { word.map { UInt32(bigEndian: $0) } }
    }

    /// The attributes in `bytes`, which are indexed from zero.
    private static func attributes(in bytes: ArraySlice<UInt8>, after offset: Int) -> [UInt16: Attribute] {
        var attributes: [UInt16: Attribute] = [:]
        var offset = offset
        while offset + 4 <= bytes.count {
            let byteCount = Int(bytes.halfWord(at: offset))
            guard byteCount >= 4, offset + byteCount <= bytes.count else { break }
            attributes[bytes.halfWord(at: offset + 2)] = Attribute(
                bytes: Array(bytes[(offset + 4)..<(offset + byteCount)]))
            offset += (byteCount + 3) & ~3
        }
        return attributes
    }

    /// Asks for everything of one kind, and hands over the answers until the kernel says that it is done.
    static func dump(
        _ request: UInt16, family: UInt8, _ body: (Message) -> Void
    ) throws(SystemError) {
        let operation = "ask the kernel for its interfaces and routes"
        let socket = Descriptor(
            owning: try SystemCall.run(operation) {
                Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), NETLINK_ROUTE)
            })
        // struct nlmsghdr, then struct rtgenmsg, whose only field all longer requests share, padded.
        var bytes: [UInt8] = []
        append(UInt32(20), to: &bytes)
        append(request, to: &bytes)
        append(UInt16(NLM_F_REQUEST | NLM_F_DUMP), to: &bytes)
        append(UInt32(1), to: &bytes)
        append(UInt32(0), to: &bytes)
        bytes += [family, 0, 0, 0]
        if case .failed(let error) = socket.write(bytes.span) { throw SystemError(operation, error) }

        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var room = buffer.mutableSpan
            switch socket.read(into: &room) {
            case .moved(let count) where count > 0:
                if try handle(buffer[..<count], operation, body) { return }
            case .moved, .wouldBlock: throw SystemError(operation, .ioError)
            case .failed(let error): throw SystemError(operation, error)
            }
        }
    }

    /// Hands over the messages of one datagram; returns whether the last of the answer was among them.
    private static func handle(
        _ bytes: ArraySlice<UInt8>, _ operation: String, _ body: (Message) -> Void
    ) throws(SystemError) -> Bool {
        var offset = bytes.startIndex
        while offset + 16 <= bytes.endIndex {
            let byteCount = Int(bytes.word(at: offset))
            guard byteCount >= 16, offset + byteCount <= bytes.endIndex else { break }
            let type = Int(bytes.halfWord(at: offset + 4))
            let payload = bytes[(offset + 16)..<(offset + byteCount)]
            if type == NLMSG_DONE { return true }
            if type == NLMSG_ERROR, payload.count >= 4 {
                throw SystemError(
                    operation, Errno(rawValue: -Int32(bitPattern: payload.word(at: payload.startIndex))))
            }
            body(Message(type: type, payload: payload))
            offset += (byteCount + 3) & ~3
        }
        return false
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        // Safety: an integer is bytes.
        unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
    }
}

/// What an interface is called.
enum InterfaceName {
    /// The name of the interface with this number, or the number itself when the interface has just gone.
    static func of(_ index: UInt32) -> String {
        var name = [UInt8](repeating: 0, count: Int(IF_NAMESIZE))
        // Safety: the array has IF_NAMESIZE bytes, which is what the call asks for, and the result ends with a zero.
        let isFound = unsafe name.withUnsafeMutableBytes {
            unsafe if_indextoname(index, $0.assumingMemoryBound(to: CChar.self).baseAddress) != nil
        }
        return isFound ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "\(index)"
    }
}

extension ArraySlice<UInt8> {
    func halfWord(at offset: Int) -> UInt16 {
        UInt16(littleEndian: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8)
    }

    func word(at offset: Int) -> UInt32 {
        UInt32(halfWord(at: offset)) | UInt32(halfWord(at: offset + 2)) << 16
    }
}
