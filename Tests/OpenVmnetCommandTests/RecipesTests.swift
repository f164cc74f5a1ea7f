import Testing

@testable import openvmnet

@Suite struct RecipesTests {
    @Test func `every command line names this program and the same sockets`() {
        let text = Recipes(program: "/opt/openvmnet", directory: "/run/user/1000/openvmnet").text
        #expect(text.contains("  /opt/openvmnet serve --listen stream:/run/user/1000/openvmnet/vmnet.stream "))
        #expect(text.contains("addr.path=/run/user/1000/openvmnet/vmnet.stream\n"))
        #expect(text.contains("dst=/run/user/1000/openvmnet/vmnet.bess,"))
    }
}
