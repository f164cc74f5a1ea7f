import Logging
import OpenVmnet
import VmnetSystem

/// What a C program's user is told on standard error, beside the statuses that the program gets.
enum Log {
    /// As much as OPENVMNET_LOG_LEVEL says, `warning` and what is worse unless it does.
    static let logger: Logger = {
        var logger = Logger(label: "openvmnet") { StreamLogHandler(label: $0, stream: LogStream()) }
        logger.logLevel = Environment.value("OPENVMNET_LOG_LEVEL").flatMap { Logger.Level(rawValue: $0) } ?? .warning
        return logger
    }()

    /// Says why a function failed.
    static func note(_ error: VmnetError, in function: String = #function) {
        let name = function.prefix { $0 != "(" }
        logger.error("\(name): \(error.message)\(error.hint.map { " (\($0))" } ?? "")")
    }
}
