import ArgumentParser
import Logging
import VmnetSystem

/// How much is said on standard error.
struct LogOptionGroup: ParsableArguments {
    @Option(help: ArgumentHelp("Least severe message to print.", valueName: "level"))
    var logLevel = Level.warning

    func logger() -> Logger {
        var logger = Logger(label: "openvmnet") { StreamLogHandler(label: $0, stream: LogStream()) }
        logger.logLevel = logLevel.level
        return logger
    }

    /// Those of swift-log that this program uses.
    enum Level: String, ExpressibleByArgument, CaseIterable {
        case error, warning, info, debug, trace

        var level: Logger.Level {
            switch self {
            case .error: .error
            case .warning: .warning
            case .info: .info
            case .debug: .debug
            case .trace: .trace
            }
        }
    }
}
