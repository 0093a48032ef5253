import Testing

/// The tests that start processes; one at a time, so that they leave the machine to the other tests.
@Suite(.serialized) enum ProcessTests {}
