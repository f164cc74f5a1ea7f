import OpenVmnet
import VmnetSystem

/// What the control server's thread does. It sleeps until a client comes, and has a timer only while one is there.
struct ControlLoop: ~Copyable {
    private let http: HTTPDaemon
    private var httpEntrance: Entrance
    private var attachEntrance: Entrance
    private var desk: AttachDesk
    private var list = Epoll.EventList()

    /// Binds both sockets; nobody is let in before `turn`.
    init(_ network: ControlledNetwork, _ epoll: borrowing Epoll) throws(SystemError) {
        let routes = ControlRoutes(network: network)
        let http = try HTTPDaemon { routes.answer($0) }
        try epoll.add(http.descriptor, .readable, token: ControlWakeSource.http.token)
        let httpEntrance = try Entrance(BoundSocket(.stream, path: network.control), .httpEntrance, epoll)
        let attachEntrance = try Entrance(BoundSocket(.seqpacket, path: network.attach), .attachEntrance, epoll)
        self.http = http
        self.httpEntrance = httpEntrance
        self.attachEntrance = attachEntrance
        desk = AttachDesk(network.network)
    }

    /// Waits, and serves those who have said something.
    mutating func turn(_ epoll: borrowing Epoll) throws(SystemError) {
        try epoll.wait(into: &list, timeout: timeout)
        if list.count == 0 { resume(epoll) }
        for index in 0..<list.count {
            if let source = ControlWakeSource(token: list[index].token) { handle(source, epoll) }
        }
        http.run()
    }

    private mutating func handle(_ source: ControlWakeSource, _ epoll: borrowing Epoll) {
        switch source {
        case .wakeUp, .http: break
        case .httpEntrance: admitToHTTP(epoll)
        case .attachEntrance: admitToDesk(epoll)
        case .visitor(let number): desk.serve(number, epoll)
        }
    }

    private mutating func admitToHTTP(_ epoll: borrowing Epoll) {
        while http.room > 0 {
            guard let connection = httpEntrance.next(epoll) else { return }
            http.add(connection)
        }
        httpEntrance.pause(epoll)
    }

    /// As many as there are places at the desk: more would send away those who have just come.
    private mutating func admitToDesk(_ epoll: borrowing Epoll) {
        for _ in 0..<AttachDesk.mostVisitors {
            guard let connection = attachEntrance.next(epoll) else { return }
            desk.admit(connection, epoll)
        }
    }

    private mutating func resume(_ epoll: borrowing Epoll) {
        if httpEntrance.isPaused { httpEntrance.resume(epoll) }
        if attachEntrance.isPaused { attachEntrance.resume(epoll) }
    }

    private var timeout: Duration? {
        let isPaused = httpEntrance.isPaused || attachEntrance.isPaused
        guard let client = http.timeout else { return isPaused ? .seconds(1) : nil }
        return isPaused ? min(client, .seconds(1)) : client
    }
}
