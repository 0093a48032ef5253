import ConcurrencyKit

// The program's entry: everything else is in ordinary files, since closures written here would be bound to the main actor.
ProcessMemory.limitHeaps()
let status = await Task.detached { await CoachCommand.run(Array(CommandLine.arguments.dropFirst())) }.value
flushOutput()
exitProcess(status)
