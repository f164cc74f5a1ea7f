extension Workload {
    static let natInput = Workload("nat.input", "a TCP segment of 1448 bytes from the guest to a socket") {
        let connection = try NATConnection()
        return repeating { try connection.sendToServer() }
    }

    static let natOutput = Workload("nat.output", "a TCP segment of 1448 bytes to the guest, and its acknowledgement") {
        let connection = try NATConnection()
        return repeating { try connection.sendToGuest() }
    }

    static let natOpening = Workload("nat.opening", "a TCP connection from the guest to a socket, opened and reset") {
        let openings = try NATOpenings()
        return repeating { try openings.openAndReset() }
    }
}
