import CVmnetLinux
import Glibc

/// Which frames a packet socket admits: a program that the kernel runs on each (Linux,
/// Documentation/networking/filter.rst, "classic BPF").
///
/// ```
///  0        2        4        6
/// +--------+--------+--------+----
/// | upper  | lower           |         the destination address
/// +--------+--------+--------+----
/// ```
///
/// Without it, promiscuous mode would bring every frame of the link to this process. It looks for an address by halves,
/// so that the kernel takes some steps more for a thousand guests than for one.
package struct PacketFilter: Equatable, Sendable {
    /// One instruction, `struct sock_filter`.
    package struct Instruction: Equatable, Sendable {
        package let code: UInt16
        /// How many instructions to skip if the condition holds.
        package let ifTrue: UInt8
        package let ifFalse: UInt8
        package let operand: UInt32

        fileprivate init(_ code: Int32, _ operand: UInt32 = 0, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
            self.code = UInt16(code)
            self.ifTrue = ifTrue
            self.ifFalse = ifFalse
            self.operand = operand
        }
    }

    /// With more addresses, everything that comes in is admitted: the kernel takes no program of more than 4096
    /// instructions (BPF_MAXINSNS), and this one has up to seven for each.
    package static let addressCapacity = 512

    package let program: [Instruction]

    /// No frame.
    package static let nothing = PacketFilter(program: [.refuse])

    /// Every frame that comes in.
    package static let everything = PacketFilter(program: outgoing + [.admit])

    private init(program: [Instruction]) {
        self.program = program
    }

    /// What comes in for one of the addresses or for a group, broadcast among them.
    ///
    /// - Parameter addresses: MAC addresses in the low 48 bits, the first octet highest; in any order.
    package init(addresses: some Sequence<UInt64>) {
        let sorted = Set(addresses).sorted()
        guard sorted.count <= Self.addressCapacity else {
            self = .everything
            return
        }
        program = Self.outgoing + Self.groups + Self.search(sorted)
    }

    /// Refuses frames that this host sends, for kernels before 4.20, which cannot leave them out (PACKET_IGNORE_OUTGOING).
    private static var outgoing: [Instruction] {
        [
            Instruction(BPF_LD | BPF_B | BPF_ABS, UInt32(bitPattern: SKF_AD_OFF + SKF_AD_PKTTYPE)),
            Instruction(BPF_JMP | BPF_JEQ | BPF_K, UInt32(PACKET_OUTGOING), ifFalse: 1),
            .refuse,
        ]
    }

    /// Admits what has the group bit in its first octet.
    private static var groups: [Instruction] {
        [
            Instruction(BPF_LD | BPF_B | BPF_ABS, 0),
            Instruction(BPF_JMP | BPF_JSET | BPF_K, 1, ifFalse: 1),
            .admit,
        ]
    }

    /// The upper part of the address first: guests mostly share it.
    private static func search(_ sorted: [UInt64]) -> [Instruction] {
        var program: [Instruction] = []
        var rest = sorted[...]
        while let first = rest.first {
            let upper = UInt32(truncatingIfNeeded: first >> 32)
            let end = rest.firstIndex { $0 >> 32 != first >> 32 } ?? rest.endIndex
            let lower = tree(rest[..<end].map { UInt32(truncatingIfNeeded: $0) }[...])
            program += [
                Instruction(BPF_LD | BPF_H | BPF_ABS, 0),
                Instruction(BPF_JMP | BPF_JEQ | BPF_K, upper, ifTrue: 1),
                Instruction(BPF_JMP | BPF_JA, UInt32(lower.count + 1)),
                Instruction(BPF_LD | BPF_W | BPF_ABS, 2),
            ]
            program += lower
            rest = rest[end...]
        }
        return program + [.refuse]
    }

    /// Decides on the accumulator by halves.
    private static func tree(_ sorted: ArraySlice<UInt32>) -> [Instruction] {
        if sorted.count == 1, let only = sorted.first {
            return [Instruction(BPF_JMP | BPF_JEQ | BPF_K, only, ifFalse: 1), .admit, .refuse]
        }
        let middle = sorted.startIndex + sorted.count / 2
        let below = tree(sorted[..<middle])
        // A condition reaches 255 instructions far, a jump without one anywhere.
        return [
            Instruction(BPF_JMP | BPF_JGE | BPF_K, sorted[middle], ifFalse: 1),
            Instruction(BPF_JMP | BPF_JA, UInt32(below.count)),
        ] + below + tree(sorted[middle...])
    }

    /// Puts the program in the place of the one that a socket has. The corresponding option is SO_ATTACH_FILTER.
    package func attach(to raw: Int32) throws(SystemError) {
        var code = program.map { sock_filter(code: $0.code, jt: $0.ifTrue, jf: $0.ifFalse, k: $0.operand) }
        // Safety: the kernel copies the program during the call, as long as it says it is.
        try unsafe code.withUnsafeMutableBufferPointer { code throws(SystemError) in
            var whole = unsafe sock_fprog(len: UInt16(code.count), filter: code.baseAddress)
            _ = try SystemCall.run("attach a filter to a socket") {
                unsafe setsockopt(
                    raw, SOL_SOCKET, SO_ATTACH_FILTER, &whole, socklen_t(MemoryLayout<sock_fprog>.size))
            }
        }
    }
}

extension PacketFilter.Instruction {
    /// All of the frame, whatever its length.
    fileprivate static let admit = PacketFilter.Instruction(BPF_RET | BPF_K, .max)
    fileprivate static let refuse = PacketFilter.Instruction(BPF_RET | BPF_K, 0)
}
