import OpenVmnet
import Testing

@Suite("A network's identifier")
struct NetworkIdentifierTests {
    @Test func `is the same in either case`() throws {
        let lower = try #require(NetworkIdentifier("3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"))
        #expect(lower == NetworkIdentifier("3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C35"))
        #expect(lower.description == "3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C35")
    }

    @Test(arguments: [
        "", "3c1f9d2e", "3c1f9d2e5b7a4e0c9a410d8e6f7b2c35", "{3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35}",
        "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c3", "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c355",
        "3c1f9d2-e5b7a-4e0c-9a41-0d8e6f7b2c35", "3c1f9d2g-5b7a-4e0c-9a41-0d8e6f7b2c35",
        "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35-", "../../../-etc-pass-wd00-000000000000",
    ])
    func `is refused when it is none`(text: String) {
        #expect(NetworkIdentifier(text) == nil)
    }
}
