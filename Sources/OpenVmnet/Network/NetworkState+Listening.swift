import Logging
import VmnetPorts
import VmnetSystem

/// Where guests attach.
extension NetworkState {
    /// Opens a socket that guests attach to, or attaches the one guest that the address stands for.
    mutating func listen(on address: ListenAddress) throws {
        let origin = address.description
        switch address {
        case .stream(let path): try listen(on: BoundSocket(.stream, path: path), origin: origin)
        case .bess(let path): try listen(on: BoundSocket(.seqpacket, path: path), origin: origin)
        case .datagram(let path):
            let port = try DatagramServerPort(
                BoundSocket(.datagram, path: path), buffers: buffers, notice: notice(origin))
            try attach(port, origin: origin)
        case .tap(let name, let namespace):
            try attach(TapPort(NamespacedTap.create(name, in: namespace), buffers: buffers), origin: origin)
        case .descriptor(let number):
            try attach(InheritedDescriptor.transport(number, buffers: buffers), origin: origin)
        }
    }

    private mutating func listen(on socket: consuming BoundSocket, origin: String) throws {
        let listener = try Listener(socket, buffers: buffers, notice: notice(origin))
        try events.epoll.add(
            listener.descriptor, .readable, token: WakeSource.listener(UInt32(listeners.count)).token)
        listeners.append(NamedListener(listener: listener, origin: origin))
    }

    /// Attaches the guests that wait at a listener.
    mutating func accept(from index: Int) {
        let (listener, origin) = (listeners[index].listener, listeners[index].origin)
        listener.accept { transport in
            do {
                try attach(transport, origin: origin)
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

/// A listener, and what the log calls it.
struct NamedListener {
    let listener: Listener
    let origin: String
}
