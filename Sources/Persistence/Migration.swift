import FoundationEssentials
import SQLiteKit

/// One forward step of the schema; what is released is never edited, only followed by another.
struct Migration: Sendable {
  let version: Int
  let name: String
  let script: String

  /// Every step in order.
  static let all = [
    runs, sessions, ledger, budgets, partialCommits, queuedStarts, routing, tokenSources, stopRequests, statementAudit,
    goals,
  ]

  /// Brings a database to the newest version, all steps or none.
  ///
  /// - Throws: ``PersistenceFailure`` for a database of a newer version, `SQLiteFailure`.
  static func run(_ migrations: [Migration] = all, on connection: SQLiteConnection, at now: Date) async throws {
    try await connection.transaction { session throws(any Error) in
      try session.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migration (
          version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
        ) STRICT
        """
      )
      let found = try session.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
      let known = migrations.last?.version ?? 0
      guard found <= known else { throw PersistenceFailure.newerDatabase(found: found, known: known) }
      for migration in migrations where migration.version > found {
        try session.executeScript(migration.script)
        try session.execute(
          "INSERT INTO schema_migration (version, name, applied_at) VALUES (?, ?, ?)",
          [SQLiteValue(migration.version), SQLiteValue(migration.name), SQLiteValue(now)]
        )
      }
    }
  }
}

// Moments are microseconds since 1970, money is nano-dollars, JSON is text. Every table begins with the tenant.

extension Migration {
  private static let runs = Migration(
    version: 1,
    name: "runs",
    script: """
      CREATE TABLE run (
        tenant TEXT NOT NULL, run TEXT NOT NULL, thread TEXT NOT NULL, graph TEXT NOT NULL, graph_hash TEXT NOT NULL,
        state_version INTEGER NOT NULL,
        status TEXT NOT NULL
          CHECK (
            status = 'running' OR status = 'finished' OR status = 'failed' OR status = 'stopped'
            OR status = 'interrupted' OR status = 'waiting'
          ),
        step INTEGER NOT NULL, revision INTEGER NOT NULL, last_sequence INTEGER NOT NULL, error TEXT,
        owner TEXT NOT NULL, lease_expires INTEGER NOT NULL, recoveries INTEGER NOT NULL,
        base_run TEXT, base_revision INTEGER, parent TEXT, wake_at INTEGER, deadline INTEGER, idempotency_key TEXT,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, ended_at INTEGER,
        PRIMARY KEY (tenant, run)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX run_by_thread ON run (tenant, thread, run);
      CREATE INDEX run_open ON run (tenant, run)
        WHERE \(RunTables.isOpen);
      CREATE INDEX run_by_base ON run (tenant, base_run) WHERE base_run IS NOT NULL;
      CREATE UNIQUE INDEX run_by_key ON run (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
      CREATE TABLE thread (
        tenant TEXT NOT NULL, thread TEXT NOT NULL, head TEXT NOT NULL,
        PRIMARY KEY (tenant, thread)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE checkpoint (
        tenant TEXT NOT NULL, run TEXT NOT NULL, revision INTEGER NOT NULL, step INTEGER NOT NULL,
        frontier TEXT NOT NULL, changes TEXT, tasks TEXT, saved_at INTEGER NOT NULL,
        last_sequence INTEGER, events TEXT,
        PRIMARY KEY (tenant, run, revision), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT;
      CREATE TABLE snapshot (
        tenant TEXT NOT NULL, run TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (tenant, run, revision), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE effect (
        tenant TEXT NOT NULL, run TEXT NOT NULL, step INTEGER NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (tenant, run, step, node, name), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE run_event (
        tenant TEXT NOT NULL, run TEXT NOT NULL, last_sequence INTEGER NOT NULL, events TEXT NOT NULL,
        PRIMARY KEY (tenant, run, last_sequence), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE node_cache (
        tenant TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires_at INTEGER,
        PRIMARY KEY (tenant, key)
      ) STRICT, WITHOUT ROWID;
      """
  )

  private static let sessions = Migration(
    version: 2,
    name: "sessions",
    script: """
      CREATE TABLE session (
        tenant TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, domain TEXT NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, message_count INTEGER NOT NULL,
        PRIMARY KEY (tenant, id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX session_by_update ON session (tenant, updated_at, id);
      CREATE TABLE message (
        tenant TEXT NOT NULL, id TEXT NOT NULL, session TEXT NOT NULL, position INTEGER NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant')), text TEXT NOT NULL, created_at INTEGER NOT NULL,
        answer TEXT, frame TEXT, run TEXT,
        PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, session) REFERENCES session ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX message_by_position ON message (tenant, session, position);
      CREATE UNIQUE INDEX message_by_run ON message (tenant, run, role) WHERE run IS NOT NULL;
      """
  )

  private static let ledger = Migration(
    version: 3,
    name: "ledger",
    script: """
      CREATE TABLE model_attempt (
        tenant TEXT NOT NULL, operation TEXT NOT NULL, number INTEGER NOT NULL,
        run TEXT, session TEXT, node TEXT, agent TEXT,
        tier TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
        started_at INTEGER NOT NULL, reserved INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, usage_source TEXT NOT NULL,
        cost INTEGER, price_version TEXT, duration_ns INTEGER, first_token_ns INTEGER, outcome TEXT,
        PRIMARY KEY (operation, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX model_attempt_by_start ON model_attempt (tenant, started_at);
      CREATE INDEX model_attempt_by_session ON model_attempt (tenant, session) WHERE session IS NOT NULL;
      CREATE INDEX model_attempt_by_run ON model_attempt (tenant, run) WHERE run IS NOT NULL;
      """
  )

  private static let budgets = Migration(
    version: 4,
    name: "budgets",
    script: """
      ALTER TABLE model_attempt ADD COLUMN asked_by TEXT;
      ALTER TABLE model_attempt ADD COLUMN lease_expires INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE model_attempt ADD COLUMN notional_cost INTEGER;
      CREATE INDEX model_attempt_by_user ON model_attempt (tenant, asked_by, started_at) WHERE asked_by IS NOT NULL;
      CREATE INDEX model_attempt_by_agent ON model_attempt (tenant, agent, started_at) WHERE agent IS NOT NULL;
      """
  )

  private static let routing = Migration(
    version: 7,
    name: "routing",
    script: """
      CREATE TABLE routing_window (
        tenant TEXT NOT NULL PRIMARY KEY, scores TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE gate_outcome (
        tenant TEXT NOT NULL, run TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL,
        verdict TEXT NOT NULL, executed INTEGER NOT NULL, sane INTEGER NOT NULL, kept INTEGER,
        recorded_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, run, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX gate_outcome_by_time ON gate_outcome (tenant, recorded_at);
      """
  )

  /// How the tokens of each class are known; rows from before have none.
  private static let tokenSources = Migration(
    version: 8,
    name: "token sources",
    script: "ALTER TABLE model_attempt ADD COLUMN token_sources TEXT;"
  )

  /// Runs that somebody wants stopped who does not work on them.
  private static let stopRequests = Migration(
    version: 9,
    name: "stop requests",
    script: """
      CREATE TABLE stop_request (
        tenant TEXT NOT NULL, run TEXT NOT NULL, requested_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, run), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """
  )

  /// What became of each statement that a model wrote.
  private static let statementAudit = Migration(
    version: 10,
    name: "statement audit",
    script: """
      CREATE TABLE statement_audit (
        tenant TEXT NOT NULL, run TEXT NOT NULL, number INTEGER NOT NULL, session TEXT NOT NULL, asked_by TEXT,
        domain TEXT NOT NULL, model TEXT NOT NULL, statement TEXT NOT NULL, verdict TEXT NOT NULL, trail TEXT NOT NULL,
        row_count INTEGER, problem TEXT, duration_us INTEGER, judged_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, run, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX statement_audit_by_time ON statement_audit (tenant, judged_at);
      """
  )

  /// Goals and how they stood; what is sought by stands in columns, the rest is the goal as JSON.
  private static let goals = Migration(
    version: 11,
    name: "goals",
    script: """
      CREATE TABLE goal (
        tenant TEXT NOT NULL, goal TEXT NOT NULL, domain TEXT NOT NULL, closed INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant, goal)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE goal_check_in (
        tenant TEXT NOT NULL, goal TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant, goal, day)
      ) STRICT, WITHOUT ROWID;
      """
  )

  /// Starts that wait until their thread is free.
  private static let queuedStarts = Migration(
    version: 6,
    name: "queued starts",
    script: """
      CREATE TABLE queued_start (
        tenant TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL, thread TEXT NOT NULL, start TEXT NOT NULL,
        PRIMARY KEY (tenant, run)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX queued_start_by_position ON queued_start (tenant, position);
      """
  )

  /// What tasks gave before their superstep was over; the next commit deletes it.
  private static let partialCommits = Migration(
    version: 5,
    name: "partial commits",
    script: """
      CREATE TABLE partial_commit (
        tenant TEXT NOT NULL, run TEXT NOT NULL, revision INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
        results TEXT NOT NULL, tasks TEXT NOT NULL,
        PRIMARY KEY (tenant, run, revision, last_sequence),
        FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      """
  )
}
