public import CoachAPI
public import CoachAgents
public import CoachVocabulary
import ConcurrencyKit

extension CoachApplication {
  /// The desk for evidence on a domain.
  ///
  /// - Parameters:
  ///   - name: the domain; nil takes the default one.
  ///   - asOf: what "today" is; nil takes the domain's.
  /// - Returns: the desk.
  /// - Throws: `CoachProblem` for a domain that is not there.
  public func evidence(on name: String?, asOf: CivilDate? = nil) throws(CoachProblem) -> EvidenceDesk {
    let name = name ?? installation.defaultDomain
    guard let domain = domains[name] else {
      if let detail = unavailable[name] { throw .databaseMissing(detail: detail) }
      throw .unknownDomain(name, known: installation.models.keys.sorted())
    }
    return EvidenceDesk(domain, asOf: asOf ?? domain.asOf(now: surroundings.clock.now))
  }
}
