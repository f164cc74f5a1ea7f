/// A workload cannot be measured, because what it is to repeat went wrong the first time.
enum WorkloadError: Error {
    case unexpected(String)
}
