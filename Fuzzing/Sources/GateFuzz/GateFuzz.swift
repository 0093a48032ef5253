import Dispatch
import Foundation
import SQLGate
import SQLSyntax

/// The driver of libFuzzer, which `-sanitize=fuzzer` links in.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
private enum GateFuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
  }
}

/// Puts any bytes to the gate of either engine, chosen by the first bit; it may not crash or hang, and what it writes anew
/// has to be a statement that it reads again.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 1 else { return 0 }
  let bytes = UnsafeBufferPointer(start: start, count: count)
  let gate = bytes[0] & 1 == 0 ? Subject.postgres : Subject.sqlite
  let sql = String(decoding: bytes.dropFirst(), as: UTF8.self)
  let isDone = DispatchSemaphore(value: 0)
  Task.detached {
    let decision = await gate.decide(sql)
    if let gated = decision.verdict.gated {
      do {
        _ = try SQLParser.parse(gated.sql, dialect: gate.policy.dialect)
      } catch {
        fatalError("what was written anew cannot be read: \(gated.sql): \(error)")
      }
      let isReached = ["vault", "passport"].contains {
        gated.sql.contains("\"\($0)\"") && !gated.sql.contains("AS \"\($0)\"")
      }
      if isReached { fatalError("something closed was reached: \(gated.sql)") }
    }
    isDone.signal()
  }
  isDone.wait()
  return 0
}

/// A shop with two tenants, one of whom asks.
private enum Subject {
  static let sqlite = SQLGate(policy: policy(.sqlite))
  static let postgres = SQLGate(policy: policy(.postgres))

  private static func policy(_ dialect: SQLDialect) -> GatePolicy {
    GatePolicy(
      dialect: dialect,
      relations: [
        GateRelation(
          name: "orders",
          columns: ["id", "tenant_id", "customer_id", "placed_at", "status", "discount"],
          isComplete: true
        ),
        GateRelation(name: "customers", columns: ["id", "tenant_id", "name", "country"], isComplete: true),
        GateRelation(name: "staff", columns: ["id", "name", "boss_id"], hiddenColumns: ["passport"]),
        GateRelation(name: "countries", columns: ["code", "title"], isComplete: true),
      ],
      forbiddenRelations: ["vault"],
      tenant: TenantScope(column: "tenant_id", value: .number(1))
    )
  }
}
