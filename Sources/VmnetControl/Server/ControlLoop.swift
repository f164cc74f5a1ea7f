import OpenVmnet
import VmnetSystem

/// What the control server's thread does. It sleeps until a client comes, and has a timer only while one is there.
struct ControlLoop: ~Copyable {
    private let http: HTTPDaemon
    private var httpEntrance: Entrance
    private var attach: AttachServer
    private var list = Epoll.EventList()

    /// Binds both sockets; nobody is let in before `turn`.
    init(_ network: ControlledNetwork, _ epoll: borrowing Epoll) throws(SystemError) {
        let routes = ControlRoutes(network: network)
        let http = try HTTPDaemon { routes.answer($0) }
        try epoll.add(http.descriptor, .readable, token: ControlWakeSource.http.token)
        let httpEntrance = try Entrance(
            BoundSocket(.stream, path: network.control), token: ControlWakeSource.httpEntrance.token, epoll)
        let attachSocket = try BoundSocket(.seqpacket, path: network.attach)
        if let group = network.attachGroup { try attachSocket.admit(group: group) }
        let attach = try AttachServer(attachSocket, network: network.network)
        try epoll.add(attach.descriptor, .readable, token: ControlWakeSource.attach.token)
        self.http = http
        self.httpEntrance = httpEntrance
        self.attach = attach
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
        case .attach: attach.serve()
        }
    }

    private mutating func admitToHTTP(_ epoll: borrowing Epoll) {
        while http.room > 0 {
            guard let connection = httpEntrance.next(epoll) else { return }
            http.add(connection)
        }
        httpEntrance.pause(epoll)
    }

    private mutating func resume(_ epoll: borrowing Epoll) {
        if httpEntrance.isPaused { httpEntrance.resume(epoll) }
        if attach.isPaused { attach.resume() }
    }

    private var timeout: Duration? {
        let isPaused = httpEntrance.isPaused || attach.isPaused
        guard let client = http.timeout else { return isPaused ? .seconds(1) : nil }
        return isPaused ? min(client, .seconds(1)) : client
    }
}
