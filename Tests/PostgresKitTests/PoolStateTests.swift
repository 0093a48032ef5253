import Testing

@testable import PostgresKit

struct `The state of a pool` {
  private typealias State = PoolState<String, Int>

  /// What a caller sees, in a form that can be compared.
  private func name(_ entry: State.Entry) -> String {
    switch entry {
    case .use(let connection): "use \(connection)"
    case .open: "open"
    case .wait: "wait"
    case .closed: "closed"
    }
  }

  private func name(_ release: State.Release) -> String {
    switch release {
    case .kept: "kept"
    case .hand(let waiter): "hand to \(waiter)"
    case .close: "close"
    }
  }

  @Test func `opens up to its size and then makes wait`() {
    var state = State(size: 2)
    #expect([name(state.enter()), name(state.enter()), name(state.enter())] == ["open", "open", "wait"])
    #expect(state.places == 2)
  }

  @Test func `has room for at least one`() {
    var state = State(size: 0)
    #expect(name(state.enter()) == "open")
  }

  @Test func `gives the connection that was used last`() {
    var state = State(size: 2)
    for _ in 0..<2 { _ = state.enter() }
    for connection in ["a", "b"] { #expect(name(state.release(connection)) == "kept") }
    #expect([name(state.enter()), name(state.enter())] == ["use b", "use a"])
  }

  @Test func `hands what comes free to who waited longest`() {
    var state = State(size: 1)
    _ = state.enter()
    for waiter in [7, 8] { #expect(name(state.wait(state.newID(), waiter)) == "wait") }
    #expect(name(state.release("a")) == "hand to 7")
    #expect(name(state.vacate()) == "hand to 8")
    #expect(name(state.vacate()) == "kept")
    #expect(state.places == 0)
  }

  @Test func `serves at once who comes into the line after a place came free`() {
    var state = State(size: 1)
    _ = state.enter()
    let id = state.newID()
    _ = state.release("a")
    #expect(name(state.wait(id, 7)) == "use a")
    #expect(state.waiterCount == 0)
  }

  @Test func `lets each leave the line once`() {
    var state = State(size: 1)
    _ = state.enter()
    let id = state.newID()
    _ = state.wait(id, 7)
    #expect(state.leave(id) == 7)
    #expect(state.leave(id) == nil)
    #expect(name(state.release("a")) == "kept")
  }

  @Test func `closed lets nobody in and closes what comes back`() {
    var state = State(size: 3)
    for _ in 0..<3 { _ = state.enter() }
    _ = state.release("a")
    let rest = state.close()
    #expect(rest.idle == ["a"])
    #expect(name(state.enter()) == "closed")
    #expect(name(state.release("b")) == "close")
    #expect(name(state.vacate()) == "kept")
    #expect(state.places == 0)
  }

  @Test func `closed gives back who waits`() {
    var state = State(size: 1)
    _ = state.enter()
    _ = state.wait(state.newID(), 7)
    #expect(state.close().waiting == [7])
    #expect(name(state.wait(state.newID(), 8)) == "closed")
  }
}
