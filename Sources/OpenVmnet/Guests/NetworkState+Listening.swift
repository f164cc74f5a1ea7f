import Logging
import VmnetPorts
import VmnetSystem

/// Where guests attach.
extension NetworkState {
    /// Opens a socket that guests attach to, or attaches the one guest that the address stands for.
    ///
    /// - Parameter isIsolated: whether guests that attach there are to have nothing to do with the others.
    mutating func listen(on address: ListenAddress, isIsolated: Bool) throws {
        let origin = address.description
        switch address {
        case .stream(let path): try listen(on: BoundSocket(.stream, path: path), origin, isIsolated)
        case .bess(let path): try listen(on: BoundSocket(.seqpacket, path: path), origin, isIsolated)
        case .datagram(let path):
            let port = try DatagramServerPort(
                BoundSocket(.datagram, path: path), buffers: buffers, notice: notice(origin))
            try attach(port, origin: origin, isIsolated: isIsolated)
        case .tap(let name, let namespace):
            let tap = try NamespacedTap.create(
                name, in: namespace, isUnpaced: configuration.network.mode.endsConnections)
            try attach(
                TapPort(tap, buffers: buffers), origin: origin, isIsolated: isIsolated,
                storedAs: GuestStore.name(of: address))
        case .descriptor(let number):
            let port = try InheritedDescriptor.transport(number, buffers: buffers)
            try attach(port, origin: origin, isIsolated: isIsolated)
        }
    }

    /// Takes guests at a socket that the service manager has bound, and says which address that is.
    mutating func listen(onPassed item: PassedDescriptors.Item) throws -> ListenAddress {
        let socket = try BoundSocket(passed: Descriptor(owning: item.number), name: item.name)
        let address: ListenAddress =
            switch socket.kind {
            case .stream: .stream(path: socket.path)
            case .seqpacket: .bess(path: socket.path)
            case .datagram: .datagram(path: socket.path)
            }
        let origin = address.description
        if socket.kind == .datagram {
            try attach(
                DatagramServerPort(socket, buffers: buffers, notice: notice(origin)), origin: origin, isIsolated: false)
        } else {
            try listen(on: socket, origin, false)
        }
        return address
    }

    private mutating func listen(on socket: consuming BoundSocket, _ origin: String, _ isIsolated: Bool) throws {
        let listener = try Listener(socket, buffers: buffers, notice: notice(origin))
        try events.epoll.add(
            listener.descriptor, .readable, token: WakeSource.listener(UInt32(listeners.count)).token)
        listeners.append(NamedListener(listener: listener, origin: origin, isIsolated: isIsolated))
    }

    /// Attaches the guests that wait at a listener.
    mutating func accept(from index: Int) {
        let named = listeners[index]
        let (listener, origin) = (named.listener, named.origin)
        listener.accept { transport in
            do {
                try attach(transport, origin: origin, isIsolated: named.isIsolated)
            } catch {
                logger.error("cannot attach a guest: \(error)", metadata: ["transport": "\(origin)"])
            }
        }
        guard listener.isPaused else { return }
        try? events.epoll.modify(listener.descriptor, [], token: WakeSource.listener(UInt32(index)).token)
        resumption = now + .seconds(1)
    }

    /// Tries listeners again that had no descriptor left for a guest.
    mutating func resumeListeners() {
        guard let due = resumption, due <= now else { return }
        resumption = nil
        resumeForwards()
        for (index, named) in listeners.enumerated() where named.listener.isPaused {
            named.listener.resume()
            guard !named.listener.isPaused else {
                resumption = now + .seconds(1)
                continue
            }
            try? events.epoll.modify(
                named.listener.descriptor, .readable, token: WakeSource.listener(UInt32(index)).token)
        }
    }

    private func notice(_ origin: String) -> (String) -> Void {
        { [logger] text in logger.warning("\(text)", metadata: ["transport": "\(origin)"]) }
    }
}

/// A listener, what the log calls it, and what becomes of guests that attach there.
struct NamedListener {
    let listener: Listener
    let origin: String
    let isIsolated: Bool
}
