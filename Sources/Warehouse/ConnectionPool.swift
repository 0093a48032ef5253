import ConcurrencyKit
import SQLiteKit

/// A few connections to one file, opened when they are first needed, so that no question waits behind a slow one.
actor ConnectionPool {
  private let file: DatabaseFile
  private let capacity: Int
  private var idle: [PooledConnection] = []
  private var count = 0
  private var waiting: [(id: Int, turn: CheckedContinuation<Bool, Never>)] = []
  private var nextID = 0

  init(file: DatabaseFile, capacity: Int) {
    self.file = file
    self.capacity = max(1, capacity)
  }

  /// Runs `body` with a connection that nobody else has meanwhile.
  ///
  /// - Throws: what `body` throws, or the failure to open; `.cancelled` when the task is cancelled while it waits.
  func withConnection<Value: Sendable>(
    _ body: @Sendable (PooledConnection) async throws(SQLiteFailure) -> Value
  ) async throws(WarehouseFailure) -> Value {
    try await waitForTurn()
    let pooled: PooledConnection
    do throws(WarehouseFailure) {
      pooled = try takeConnection()
    } catch {
      passTurn()
      throw error
    }
    do throws(SQLiteFailure) {
      let value = try await body(pooled)
      give(pooled)
      return value
    } catch {
      give(pooled)
      throw WarehouseFailure(error, path: file.path)
    }
  }
}

/// A connection and the file to which it was opened.
struct PooledConnection: Sendable {
  let connection: SQLiteConnection
  let identity: DatabaseFile.Identity
}

// MARK: - Connections

extension ConnectionPool {
  /// An idle connection to the file that now stands at the path, or a new one.
  private func takeConnection() throws(WarehouseFailure) -> PooledConnection {
    let identity = try file.identity()
    idle.removeAll { $0.identity != identity }  // the file was replaced; letting go closes them
    if let pooled = idle.popLast() { return pooled }
    let opened: PooledConnection
    do throws(SQLiteFailure) {
      let connection = try SQLiteConnection(path: file.path, configuration: .untrusted)
      opened = PooledConnection(connection: connection, identity: identity)
    } catch {
      throw WarehouseFailure(error, path: file.path)
    }
    guard try file.identity() == identity else {
      throw WarehouseFailure(.busy, "\(file.path) is being replaced", remedy: "Try again in a moment.")
    }
    return opened
  }

  private func give(_ pooled: PooledConnection) {
    idle.append(pooled)
    passTurn()
  }
}

// MARK: - Turns

extension ConnectionPool {
  private func waitForTurn() async throws(WarehouseFailure) {
    if count < capacity {
      count += 1
      return
    }
    let id = nextID
    nextID += 1
    let hasTurn = await withTaskCancellationHandler {
      await withCheckedContinuation { turn in
        if Task.isCancelled { turn.resume(returning: false) } else { waiting.append((id, turn)) }
      }
    } onCancel: {
      Task { await self.giveUp(id) }
    }
    guard hasTurn else {
      throw WarehouseFailure(SQLiteFailure(kind: .cancelled, message: "cancelled while waiting"), path: file.path)
    }
  }

  /// Hands the turn to the one who has waited longest, or keeps it free.
  private func passTurn() {
    if waiting.isEmpty { count -= 1 } else { waiting.removeFirst().turn.resume(returning: true) }
  }

  private func giveUp(_ id: Int) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).turn.resume(returning: false)
  }
}
