import Testing

@testable import OpenVmnet

@Suite struct JSONObjectTests {
    private func read(_ text: String) throws -> JSONObject { try JSONObject(parsing: Array(text.utf8)) }

    @Test func `every kind of value is read`() throws {
        let object = try read(
            #" { "a" : [ 1 , -2, 2.5e3, true, false, null, {"b":""} ] , "c": "x\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00" } "#)
        #expect(
            object.members["a"]
                == .list([
                    .number(1), .number(-2), .otherNumber("2.5e3"), .flag(true), .flag(false), .null,
                    .object(JSONObject(["b": .text("")])),
                ]))
        #expect(try object.text("c") == "x\"\\/\u{8}\u{c}\n\r\tä😀")
    }

    @Test func `what is written is read back`() throws {
        let object = JSONObject([
            "text": .text("a \"b\" \\ \u{1}\u{1f}\n ä😀"), "number": .number(-7), "flag": .flag(false), "nothing": .null,
            "list": .list([.number(1), .list([]), .object(JSONObject([:]))]), "missing": nil,
        ])
        #expect(try JSONObject(parsing: object.bytes) == object)
    }

    @Test func `names are written in order, without spaces`() {
        let object = JSONObject(["b": .number(1), "a": .text("x"), "c": .list([.flag(true), .null])])
        #expect(String(decoding: object.bytes, as: UTF8.self) == #"{"a":"x","b":1,"c":[true,null]}"#)
    }

    @Test func `a value of another kind is not taken for one that is missing`() throws {
        let object = try read(#"{"text":1,"number":"1","flag":0,"object":[],"null":null}"#)
        #expect(throws: JSONError.self) { try object.text("text") }
        #expect(throws: JSONError.self) { try object.number("number") }
        #expect(throws: JSONError.self) { try object.flag("flag") }
        #expect(throws: JSONError.self) { try object.object("object") }
        #expect(try object.text("null") == nil && object.number("missing") == nil)
    }

    @Test func `of members with one name the last counts`() throws {
        #expect(try read(#"{"a":1,"a":2}"#).number("a") == 2)
    }

    @Test(arguments: [
        "", "{", "}", "[]", "null", "7", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{a:1}"#,
        #"{"a":01}"#,
        #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":-}"#, #"{"a":tru}"#, #"{"a":"x}"#,
        "{\"a\":\"\n\"}",
        #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u+123"}"#, #"{"a":"\ud800"}"#, #"{"a":"\ud800\u0041"}"#,
        #"{"a":"\udc00"}"#,
        #"{"a":[1,]}"#, #"{"a":[}"#, #"{} {}"#, #"{"a":"# + String(repeating: "[", count: 4000),
    ])
    func `what is no object is refused`(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        let bytes = Array(#"{"a":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8)
        #expect(throws: JSONError.self) { try JSONObject(parsing: bytes) }
    }
}
