public import CoachVocabulary

/// Tells that other processes saved something of a run, so that readers need not look again and again.
///
/// It may miss things and tell too much: whoever waits looks at the store afterwards, and waits for a limited time only.
public protocol RunNews: Sendable {
  /// Begins to listen for news of a run; what comes from now on is not missed between two waits.
  func subscribe(to run: RunID) -> any RunNewsSubscription
}

/// The news of one run, for one reader; they end with the value.
public protocol RunNewsSubscription: Sendable {
  /// Returns when there was news since the last wait, when the time is over, and when the task is cancelled.
  func next(within limit: Duration) async
}
