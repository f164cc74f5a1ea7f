import OpenVmnet
import Testing
import VmnetTesting

/// The records that programs rely on: a change here is a change for them.
@Suite struct AttachDocumentsTests {
    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"version":2}"#, #"{"version":1,"label":""}"#, #"{"version":1,"label":7}"#,
        #"{"version":1,"label":"a\u0000b"}"#, #"{"version":1,"label":"a\nb"}"#, #"{"version":1,"isolated":"yes"}"#,
        #"{"version":1,"label":"\#(String(repeating: "x", count: 65))"}"#, #"{"version":1,"request":"fly"}"#,
        #"{"version":1,"mac":"52:54"}"#, #"{"version":1,"interface_id":"me"}"#, String(repeating: "[", count: 4000),
    ])
    func `a request that is none is refused`(text: String) {
        #expect(throws: (any Error).self) { try AttachRequest(parsing: Array(text.utf8)) }
    }

    @Test func `a request needs a version only, and has whatever keys others have added`() throws {
        #expect(try AttachRequest(parsing: Array(#"{"version":1}"#.utf8)) == AttachRequest())
        #expect(try AttachRequest(parsing: Array(#"{"version":1,"new":[1.5,{}]}"#.utf8)) == AttachRequest())
    }

    @Test func `a request is written like this`() throws {
        var request = AttachRequest(label: "vm", isIsolated: true, isWhileConnected: true, key: "secret")
        request.hasVirtioHeader = true
        request.macAddress = "52:54:00:12:34:56"
        #expect(
            String(decoding: request.bytes, as: UTF8.self) == """
                {"isolated":true,"key":"secret","label":"vm","mac":"52:54:00:12:34:56","version":1,"virtio_header":true,\
                "while_connected":true}
                """)
        #expect(try AttachRequest(parsing: request.bytes) == request)
    }

    @Test func `a request for a forward is written like this`() throws {
        var request = AttachRequest(.addForward)
        request.forward = "tcp:8080:80"
        #expect(
            String(decoding: request.bytes, as: UTF8.self)
                == #"{"forward":"tcp:8080:80","request":"add_forward","version":1}"#)
        #expect(try AttachRequest(parsing: request.bytes) == request)
    }

    @Test func `an answer that says what network it is is understood`() throws {
        let text = """
            {"end_address":"192.168.64.254","mode":"shared","mtu":1500,"nat66_prefix":"fd00::","network":"shared",\
            "port":"3","start_address":"192.168.64.1","subnet_mask":"255.255.255.0","version":1,"virtio_header":true}
            """
        let answer = try AttachAnswer(parsing: Array(text.utf8))
        guard case .network(let network, let port, let hasVirtioHeader) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(network.name == "shared" && network.mode == .shared && network.mtu == 1500)
        #expect(network.addresses?.start == "192.168.64.1" && network.addresses?.end == "192.168.64.254")
        #expect(network.nat66Prefix.map { "\($0)" } == "fd00::" && port == "3" && hasVirtioHeader)
        #expect(String(decoding: answer.bytes, as: UTF8.self) == text)
    }

    @Test func `a private network has no addresses, or the host's alone`() throws {
        let text =
            #"{"mode":"host","mtu":1500,"network":"N","network_identifier":"3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C35""#
        for (rest, host) in [
            ("}", nil), (#","start_address":"10.9.0.1","subnet_mask":"255.255.255.0"}"#, "10.9.0.1" as String?),
        ] {
            guard case .network(let network, nil, false) = try AttachAnswer(parsing: Array((text + rest).utf8)) else {
                Issue.record("not a network")
                return
            }
            #expect(network.addresses == nil && network.host.map { "\($0.address)" } == host)
            #expect(network.identifier != nil)
        }
    }

    @Test func `a refusal carries what went wrong and what to do`() throws {
        let answer = AttachAnswer(VmnetError(.busy, "it is taken", hint: "wait"))
        #expect(
            String(decoding: answer.bytes, as: UTF8.self)
                == #"{"error":{"hint":"wait","message":"it is taken"},"version":1}"#)
        #expect(try AttachAnswer(parsing: answer.bytes) == .refusal(message: "it is taken", hint: "wait"))
    }

    @Test(arguments: [
        "", "{}", #"{"error":{}}"#, #"{"error":"x"}"#, #"{"network":"x"}"#, #"{"mode":"odd","mtu":1,"network":"x"}"#,
    ])
    func `an answer that is none is refused`(text: String) {
        #expect(throws: JSONError.self) { try AttachAnswer(parsing: Array(text.utf8)) }
    }
}
