import Foundation
import Testing

extension Integration {
    /// What the README's install step has put under a prefix.
    @Suite struct InstallTests {
        private let prefix = Programs.prefix ?? ""

        @Test(.needs(.installed, .mandoc, .man))
        func `there is a sound manual page for the program and each of its verbs`() async throws {
            let help = try await output("\(prefix)/bin/openvmnet", "--help")
            let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
            // Two columns, of which the second goes on in lines of its own.
            let verbs = lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { $0.hasPrefix("  ") }
                .filter { !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first }
            #expect(verbs.contains("serve"))
            let pages = try FileManager.default.contentsOfDirectory(atPath: "\(prefix)/share/man/man1")
            for page in ["openvmnet.1"] + verbs.map({ "openvmnet.\($0).1" }) {
                let path = "\(prefix)/share/man/man1/\(page)"
                #expect(pages.contains(page))
                _ = try await output("mandoc", "-Tlint", "-Werror", path)
                let child = try Child(
                    ["man", "--warnings", "-l", path], environment: ["MANPAGER": "cat", "MANWIDTH": "80"])
                let result = try await child.result(within: .seconds(10))
                #expect(result.exit == .status(0))
                #expect(result.errors.isEmpty, "\(result.errors)")
                #expect(result.output.contains("EXIT STATUS"))
            }
            #expect(!pages.contains { $0.contains("namespace-guest") })
        }

        @Test(.needs(.installed, .mandoc, .man), arguments: ["openvmnet", "vmnet"])
        func `there is a sound manual page for each of the library's headers`(page: String) async throws {
            let path = "\(prefix)/share/man/man3/\(page).3"
            _ = try await output("mandoc", "-Tlint", "-Werror", path)
            let child = try Child(
                ["man", "--warnings", "-l", path], environment: ["MANPAGER": "cat", "MANWIDTH": "80"])
            let result = try await child.result(within: .seconds(10))
            #expect(result.errors.isEmpty, "\(result.errors)")
            #expect(result.output.contains("pkg-config --cflags --libs \(page)"))
        }

        @Test(.needs(.installed, .gcc))
        func `the library exports its headers' functions and nothing else`() async throws {
            let names = try await output(
                "nm", "--dynamic", "--defined-only", "--format=posix", "\(prefix)/lib/libvmnet.so"
            )
            .split(separator: "\n").compactMap { $0.split { " @".contains($0) }.first }
            let prefixes = ["vmnet_", "xpc_", "_xpc_type_", "ovn_"]
            #expect(names.contains("vmnet_start_interface") && names.contains("ovn_interface_read"))
            #expect(names.filter { name in !prefixes.contains { name.hasPrefix($0) } } == [])
            #expect(try await output("objdump", "-p", "\(prefix)/lib/libvmnet.so").contains("libvmnet.so.1"))
        }

        @Test(.needs(.installed, .gcc))
        func `the library takes up no room for debuggers' names`() async throws {
            let sections = try await output("readelf", "--sections", "--wide", "\(prefix)/lib/libvmnet.so")
            #expect(sections.contains(" .dynsym ") && !sections.contains(" .symtab ") && !sections.contains(" .debug_"))
        }

        @Test(.needs(.installed, .clang, .gcc, .pkgConfig))
        func `a prefix can be moved, and stands without Swift`() async throws {
            let folder = try TemporaryFolder()
            let host = try await Namespace()
            _ = try await output("cp", "-r", prefix, folder("moved"))
            let plain = try await CProgram(
                "Tests/Conformance/plain/header-alone.c", by: .plain, for: folder("moved"))
            let macOS = try await CProgram("Tests/Conformance/xpc/values.c", by: .macOS, for: folder("moved"))
            for program in [plain, macOS] {
                let loaded = try await program.start(in: host, after: ["env", "LD_TRACE_LOADED_OBJECTS=1"])
                    .result(within: .seconds(10)).output.split(separator: "\n")
                #expect(loaded.contains { $0.contains(folder("moved/lib")) && $0.contains("libvmnet.so.1") })
                #expect(loaded.filter { $0.contains("not found") || $0.contains("/swift/") } == [])
                #expect(try await program.start(in: host).exit(within: .seconds(10)) == .status(0))
            }
        }

        @Test(.needs(.installed, .mandoc, .man))
        func `the helper has a sound manual page, and its policy an example that allows nothing`() async throws {
            let page = "\(prefix)/share/man/man8/openvmnet-bridge-helper.8"
            _ = try await output("mandoc", "-Tlint", "-Wwarning", page)
            #expect(try await output("man", "--warnings", "-l", page).contains("/etc/openvmnet/bridge.conf"))
            let lines = text(ofFile: "\(prefix)/share/openvmnet/bridge.conf").split(separator: "\n")
            #expect(lines.count > 5 && lines.allSatisfy { $0.hasPrefix("#") })
        }

        @Test(.needs(.installed))
        func `the completion is sound, and knows the verbs that people use`() async throws {
            let path = "\(prefix)/share/bash-completion/completions/openvmnet"
            _ = try await output("bash", "-n", path)
            let words = try await output(
                "bash", "-c",
                "source \(path); COMP_WORDS=(openvmnet s) COMP_CWORD=1; _openvmnet openvmnet s openvmnet; echo ${COMPREPLY[@]}"
            )
            #expect(words.split(whereSeparator: \.isWhitespace).contains("serve"), "\(words)")
            for file in [path, "\(prefix)/share/zsh/site-functions/_openvmnet"] {
                #expect(text(ofFile: file).contains("serve"))
                #expect(!text(ofFile: file).contains("namespace-guest"))
            }
            #expect(text(ofFile: "\(prefix)/share/fish/vendor_completions.d/openvmnet.fish").contains("serve"))
        }

        @Test(.needs(.installed, .systemdAnalyze))
        func `systemd understands the units, and finds what they name`() async throws {
            let folder = try TemporaryFolder()
            let units = "\(prefix)/lib/systemd/user"
            let child = try Child(
                ["systemd-analyze", "--user", "verify", "\(units)/openvmnet@.service", "\(units)/openvmnet@.socket"],
                environment: ["XDG_RUNTIME_DIR": folder.path, "MANPATH": "\(prefix)/share/man"])
            let result = try await child.result(within: .seconds(30))
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(result.errors.isEmpty, "\(result.errors)")
        }

        private func output(_ arguments: String...) async throws -> String {
            let child = try Child(arguments)
            guard try await child.exit(within: .seconds(10)) == .status(0) else { throw ChildFailure("failed", child) }
            return child.output
        }
    }
}
