import VmnetSystem

/// The command lines that attach guests of one's own, with the paths of this installation.
struct Recipes {
    /// How this program was started: a path, or its plain name when it came from PATH.
    let program: String
    /// Where sockets go: a directory that only this user writes to.
    let directory: String

    /// With the paths of this process.
    static func here() -> Recipes {
        let program = CommandLine.arguments.first ?? "openvmnet"
        return Recipes(
            program: program.contains("/") ? program : "openvmnet", directory: Directory.runtime(Environment.value))
    }

    var text: String {
        """
        A network that any number of guests attach to:
          \(program) serve --listen stream:\(directory)/vmnet.stream --listen bess:\(directory)/vmnet.bess

        QEMU, 7.2 or later; without a disk of yours, its boot ROM shows the lease (Ctrl-A X ends it):
          qemu-system-x86_64 -m 512 -nographic -device virtio-net-pci,netdev=net0 \\
            -netdev stream,id=net0,server=off,addr.type=unix,addr.path=\(directory)/vmnet.stream

        User Mode Linux on this host's files, read-only, with udhcpc for the lease (exit ends it):
          linux.uml mem=256M root=/dev/root rootfstype=hostfs rootflags=/ ro \\
            vec0:transport=bess,dst=\(directory)/vmnet.bess,depth=128,gro=1 init=/bin/sh -- -c \\
            '"ip link set vec0 up; udhcpc -n -q -i vec0; sh; mount -t proc proc /proc; echo o > /proc/sysrq-trigger; sleep 9"'

        Any program, in a namespace whose eth0 is a guest on a network of its own:
          \(program) run --netns -- COMMAND

        """
    }
}
