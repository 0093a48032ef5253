import FoundationEssentials
import PostgresKit

/// One forward step of the schema on PostgreSQL; what is released is never edited, only followed by another.
struct PostgresMigration: Sendable {
  let version: Int
  let name: String
  let statements: [String]

  /// Every step in order.
  static let all = [
    runs, sessions, ledger, budgets, partialCommits, queuedStarts, routing, tokenSources, stopRequests, statementAudit,
    goals,
  ]

  /// Brings a schema to the newest version, all steps or none; many processes may do so at the same time.
  ///
  /// - Parameters:
  ///   - migrations: the steps.
  ///   - connection: one of the owner, whose search path is the schema.
  ///   - schema: the schema, which is made when it is missing.
  ///   - member: who gets to use the tables; nil for the owner alone.
  ///   - now: what to note as the time.
  /// - Throws: ``PersistenceFailure`` for a schema of a newer version, `PostgresFailure`.
  static func run(
    _ migrations: [PostgresMigration] = all,
    on connection: PostgresConnection,
    schema: String,
    member: String?,
    at now: Date
  ) async throws {
    try await connection.transaction { session throws(any Error) in
      try lock(schema, in: session)
      try apply(migrations, to: schema, at: now, in: session)
      if let member { try grant(to: member, schema, in: session) }
    }
  }

  /// Waits until nobody else changes the schema, and keeps others from it until the end of the transaction.
  static func lock(_ schema: String, in session: borrowing PostgresSession) throws(PostgresFailure) {
    // Whoever comes second waits here, and finds the work done.
    try session.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended('coach.migration.' || $1, 0))",
      [.text(schema)]
    )
  }

  /// Takes the steps that are still to be taken, and makes the schema when it is missing.
  static func apply(
    _ migrations: [PostgresMigration],
    to schema: String,
    at now: Date,
    in session: borrowing PostgresSession
  ) throws {
    try makeHome(schema, in: session)
    let found = try session.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
    let known = migrations.last?.version ?? 0
    guard found <= known else { throw PersistenceFailure.newerDatabase(found: found, known: known) }
    for migration in migrations where migration.version > found {
      try session.pipeline(migration.statements.map { PostgresStatement($0, isKept: false) })
      try session.execute(
        "INSERT INTO schema_migration (version, name, applied_at) VALUES ($1, $2, $3)",
        [PostgresValue(migration.version), PostgresValue(migration.name), PostgresValue(now)]
      )
    }
  }

  private static func makeHome(_ schema: String, in session: borrowing PostgresSession) throws(PostgresFailure) {
    if try session.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [.text(schema)]).isEmpty {
      try session.execute("CREATE SCHEMA \(PostgresStatement.quoted(schema))")
    }
    try session.execute(
      "CREATE TABLE IF NOT EXISTS schema_migration (version int PRIMARY KEY, name text NOT NULL, applied_at int8 NOT NULL)"
    )
  }

  /// Lets a user work with all tables.
  static func grant(
    to member: String,
    _ schema: String,
    in session: borrowing PostgresSession
  ) throws(PostgresFailure) {
    let member = PostgresStatement.quoted(member)
    let schema = PostgresStatement.quoted(schema)
    try session.pipeline(
      [
        "GRANT USAGE ON SCHEMA \(schema) TO \(member)",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(member)",
        "REVOKE INSERT, UPDATE, DELETE ON schema_migration FROM \(member)",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) TO \(member)",
      ].map { PostgresStatement($0, isKept: false) }
    )
  }
}

// Moments are microseconds since 1970, money is nano-dollars. JSON is `json`, which keeps what it is given to the letter;
// texts that people write are JSON strings, as `text` cannot hold every character. Every table begins with the tenant.

extension PostgresMigration {
  private static let runs = PostgresMigration(
    version: 1,
    name: "runs",
    statements: [
      """
      CREATE TABLE run (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), run text COLLATE "C" NOT NULL,
        thread text COLLATE "C" NOT NULL, graph text NOT NULL, graph_hash text NOT NULL, state_version int8 NOT NULL,
        status text NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'stopped', 'interrupted', 'waiting')),
        step int8 NOT NULL, revision int8 NOT NULL, last_sequence int8 NOT NULL, error json,
        owner text NOT NULL, lease_expires int8 NOT NULL, recoveries int8 NOT NULL,
        base_run text COLLATE "C", base_revision int8, parent text, wake_at int8, deadline int8,
        idempotency_key text COLLATE "C",
        created_at int8 NOT NULL, updated_at int8 NOT NULL, ended_at int8,
        PRIMARY KEY (tenant, run)
      ) WITH (fillfactor = 70)
      """,
      "CREATE INDEX run_by_thread ON run (tenant, thread, run)",
      "CREATE INDEX run_open ON run (tenant, run) WHERE status IN ('running', 'interrupted', 'waiting')",
      "CREATE INDEX run_by_base ON run (tenant, base_run) WHERE base_run IS NOT NULL",
      "CREATE UNIQUE INDEX run_by_key ON run (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL",
      """
      CREATE TABLE thread (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), thread text COLLATE "C" NOT NULL,
        head text COLLATE "C" NOT NULL,
        PRIMARY KEY (tenant, thread)
      )
      """,
      """
      CREATE TABLE checkpoint (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, revision int8 NOT NULL, step int8 NOT NULL,
        frontier json NOT NULL, changes json, tasks json, saved_at int8 NOT NULL,
        PRIMARY KEY (tenant, run, revision), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """,
      """
      CREATE TABLE snapshot (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, revision int8 NOT NULL, state json NOT NULL,
        PRIMARY KEY (tenant, run, revision), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """,
      """
      CREATE TABLE effect (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, step int8 NOT NULL,
        node text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value json NOT NULL,
        PRIMARY KEY (tenant, run, step, node, name), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """,
      """
      CREATE TABLE run_event (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, last_sequence int8 NOT NULL,
        events json NOT NULL,
        PRIMARY KEY (tenant, run, last_sequence), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """,
      """
      CREATE TABLE node_cache (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), key text COLLATE "C" NOT NULL, value json NOT NULL,
        expires_at int8,
        PRIMARY KEY (tenant, key)
      )
      """,
    ] + ["run", "thread", "checkpoint", "snapshot", "effect", "run_event", "node_cache"].flatMap(fence) + refusals
      + surveys
  )

  /// Shows and takes rows of the tenant of the transaction only, from the owner of the table, too; what is asked across
  /// tenants goes through functions of the owner, which alone may read all.
  static func fence(_ table: String) -> [String] {
    [
      "ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY",
      "ALTER TABLE \(table) FORCE ROW LEVEL SECURITY",
      "CREATE POLICY tenancy ON \(table) USING (tenant = current_setting('coach.tenant', true))",
      """
      CREATE POLICY survey ON \(table) FOR SELECT TO CURRENT_USER
      USING (current_setting('coach.survey', true) = 'on')
      """,
    ]
  }

  /// Functions that end a transaction with an error of our own, so that a whole save is one round trip.
  private static let refusals = [
    """
    CREATE FUNCTION demand(condition boolean, code text, subject text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF condition IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = code, MESSAGE = subject;
      END IF;
    END $$
    """,
    """
    CREATE FUNCTION demand_startable(of_tenant text, new_run text, in_thread text, key text, base text)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE other text;
    BEGIN
      PERFORM demand(
        NOT EXISTS (SELECT FROM run r WHERE r.tenant = of_tenant AND r.run = new_run),
        '\(PostgresRefusal.runExists.rawValue)', new_run
      );
      SELECT r.run INTO other FROM run r WHERE r.tenant = of_tenant AND r.idempotency_key = key;
      PERFORM demand(other IS NULL, '\(PostgresRefusal.runExists.rawValue)', other);
      IF base IS NOT NULL THEN
        -- The base must not be deleted or compacted before this run is there to inherit from it.
        PERFORM FROM run r WHERE r.tenant = of_tenant AND r.run = base FOR KEY SHARE;
        PERFORM demand(FOUND, '\(PostgresRefusal.noSuchRun.rawValue)', base);
      END IF;
      other := busy_run(of_tenant, in_thread, new_run);
      PERFORM demand(other IS NULL, '\(PostgresRefusal.threadBusy.rawValue)', other);
    END $$
    """,
    """
    CREATE FUNCTION busy_run(of_tenant text, in_thread text, besides text) RETURNS text LANGUAGE sql STABLE AS $$
      SELECT t.head FROM thread t JOIN run r ON r.tenant = t.tenant AND r.run = t.head
      WHERE t.tenant = of_tenant AND t.thread = in_thread AND t.head <> besides
        AND r.status IN ('running', 'interrupted', 'waiting')
    $$
    """,
  ]

  /// What is asked across tenants goes through functions that give away no more than names.
  private static let surveys = [
    """
    CREATE FUNCTION all_tenants() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
      PERFORM set_config('coach.survey', 'on', true);
      RETURN QUERY EXECUTE (
        SELECT string_agg(format('SELECT tenant FROM %I', c.relname), ' UNION ') || ' ORDER BY 1'
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      );
      PERFORM set_config('coach.survey', '', true);
    END $$
    """,
    "REVOKE ALL ON FUNCTION all_tenants() FROM PUBLIC",
    """
    CREATE FUNCTION tenants_with_open_runs() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
    BEGIN
      PERFORM set_config('coach.survey', 'on', true);
      RETURN QUERY SELECT DISTINCT r.tenant FROM run r WHERE r.status IN ('running', 'interrupted', 'waiting') ORDER BY 1;
      PERFORM set_config('coach.survey', '', true);
    END $$
    """,
    "REVOKE ALL ON FUNCTION tenants_with_open_runs() FROM PUBLIC",
  ]

  private static let sessions = PostgresMigration(
    version: 2,
    name: "sessions",
    statements: [
      """
      CREATE TABLE session (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), id text COLLATE "C" NOT NULL, title json NOT NULL,
        domain text NOT NULL, created_at int8 NOT NULL, updated_at int8 NOT NULL, message_count int8 NOT NULL,
        PRIMARY KEY (tenant, id)
      )
      """,
      "CREATE INDEX session_by_update ON session (tenant, updated_at, id)",
      """
      CREATE TABLE message (
        tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL,
        position int8 NOT NULL, role text NOT NULL CHECK (role IN ('user', 'assistant')), text json NOT NULL,
        created_at int8 NOT NULL, answer json, frame json, run text COLLATE "C",
        PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, session) REFERENCES session ON DELETE CASCADE
      )
      """,
      "CREATE UNIQUE INDEX message_by_position ON message (tenant, session, position)",
      "CREATE UNIQUE INDEX message_by_run ON message (tenant, run, role) WHERE run IS NOT NULL",
    ] + ["session", "message"].flatMap(fence)
  )

  private static let ledger = PostgresMigration(
    version: 3,
    name: "ledger",
    statements: [
      """
      CREATE TABLE model_attempt (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), operation text COLLATE "C" NOT NULL, number int8 NOT NULL,
        run text COLLATE "C", session text COLLATE "C", node text, agent text,
        tier text NOT NULL, endpoint text NOT NULL, model text NOT NULL,
        started_at int8 NOT NULL, reserved int8 NOT NULL,
        input_tokens int8 NOT NULL, cached_input_tokens int8 NOT NULL, cache_write_tokens int8 NOT NULL,
        output_tokens int8 NOT NULL, reasoning_tokens int8 NOT NULL, usage_source text NOT NULL,
        cost int8, price_version text, duration_ns int8, first_token_ns int8, outcome text,
        PRIMARY KEY (operation, number)
      )
      """,
      "CREATE INDEX model_attempt_by_start ON model_attempt (tenant, started_at)",
      "CREATE INDEX model_attempt_by_session ON model_attempt (tenant, session) WHERE session IS NOT NULL",
      "CREATE INDEX model_attempt_by_run ON model_attempt (tenant, run) WHERE run IS NOT NULL",
    ] + fence("model_attempt") + [
      """
      CREATE FUNCTION tenant_of_attempt(of_operation text, of_number int8) RETURNS text LANGUAGE plpgsql
      SECURITY DEFINER SET search_path FROM CURRENT AS $$
      DECLARE whose text;
      BEGIN
        PERFORM set_config('coach.survey', 'on', true);
        SELECT a.tenant INTO whose FROM model_attempt a WHERE a.operation = of_operation AND a.number = of_number;
        PERFORM set_config('coach.survey', '', true);
        RETURN whose;
      END $$
      """,
      "REVOKE ALL ON FUNCTION tenant_of_attempt(text, int8) FROM PUBLIC",
    ]
  )

  private static let budgets = PostgresMigration(
    version: 4,
    name: "budgets",
    statements: [
      """
      ALTER TABLE model_attempt ADD COLUMN asked_by text COLLATE "C",
        ADD COLUMN lease_expires int8 NOT NULL DEFAULT 0, ADD COLUMN notional_cost int8
      """,
      "CREATE INDEX model_attempt_by_user ON model_attempt (tenant, asked_by, started_at) WHERE asked_by IS NOT NULL",
      "CREATE INDEX model_attempt_by_agent ON model_attempt (tenant, agent, started_at) WHERE agent IS NOT NULL",
    ]
  )

  private static let routing = PostgresMigration(
    version: 7,
    name: "routing",
    statements: [
      """
      CREATE TABLE routing_window (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> '') PRIMARY KEY, scores text NOT NULL
      )
      """,
      """
      CREATE TABLE gate_outcome (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), run text COLLATE "C" NOT NULL, number int8 NOT NULL,
        kind text NOT NULL, model text NOT NULL, verdict text NOT NULL, executed int8 NOT NULL, sane int8 NOT NULL,
        kept int8, recorded_at int8 NOT NULL,
        PRIMARY KEY (tenant, run, number)
      )
      """,
      "CREATE INDEX gate_outcome_by_time ON gate_outcome (tenant, recorded_at)",
    ] + fence("routing_window") + fence("gate_outcome")
  )

  /// How the tokens of each class are known; rows from before have none.
  private static let tokenSources = PostgresMigration(
    version: 8,
    name: "token sources",
    statements: ["ALTER TABLE model_attempt ADD COLUMN token_sources text"]
  )

  /// Runs that somebody wants stopped who does not work on them.
  private static let stopRequests = PostgresMigration(
    version: 9,
    name: "stop requests",
    statements: [
      """
      CREATE TABLE stop_request (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, requested_at int8 NOT NULL,
        PRIMARY KEY (tenant, run), FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """
    ] + fence("stop_request")
  )

  /// What became of each statement that a model wrote.
  private static let statementAudit = PostgresMigration(
    version: 10,
    name: "statement audit",
    statements: [
      """
      CREATE TABLE statement_audit (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), run text COLLATE "C" NOT NULL, number int8 NOT NULL,
        session text COLLATE "C" NOT NULL, asked_by text COLLATE "C", domain text NOT NULL, model text NOT NULL,
        statement json NOT NULL, verdict text NOT NULL, trail json NOT NULL, row_count int8, problem json,
        duration_us int8, judged_at int8 NOT NULL,
        PRIMARY KEY (tenant, run, number)
      )
      """,
      "CREATE INDEX statement_audit_by_time ON statement_audit (tenant, judged_at)",
    ] + fence("statement_audit")
  )

  /// Goals and how they stood; what is sought by stands in columns, the rest is the goal as JSON.
  private static let goals = PostgresMigration(
    version: 11,
    name: "goals",
    statements: [
      """
      CREATE TABLE goal (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), goal text COLLATE "C" NOT NULL,
        domain text COLLATE "C" NOT NULL, closed int8 NOT NULL, body json NOT NULL,
        PRIMARY KEY (tenant, goal)
      )
      """,
      """
      CREATE TABLE goal_check_in (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), goal text COLLATE "C" NOT NULL,
        day text COLLATE "C" NOT NULL, body json NOT NULL,
        PRIMARY KEY (tenant, goal, day)
      )
      """,
    ] + fence("goal") + fence("goal_check_in")
  )

  /// Starts that wait until their thread is free.
  private static let queuedStarts = PostgresMigration(
    version: 6,
    name: "queued starts",
    statements: [
      """
      CREATE TABLE queued_start (
        tenant text COLLATE "C" NOT NULL CHECK (tenant <> ''), run text COLLATE "C" NOT NULL,
        position int8 GENERATED ALWAYS AS IDENTITY, thread text COLLATE "C" NOT NULL, start json NOT NULL,
        PRIMARY KEY (tenant, run)
      )
      """,
      "CREATE INDEX queued_start_by_position ON queued_start (tenant, position)",
    ] + fence("queued_start")
  )

  /// What tasks gave before their superstep was over; the next commit deletes it.
  private static let partialCommits = PostgresMigration(
    version: 5,
    name: "partial commits",
    statements: [
      """
      CREATE TABLE partial_commit (
        tenant text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, revision int8 NOT NULL,
        last_sequence int8 NOT NULL, results json NOT NULL, tasks json NOT NULL,
        PRIMARY KEY (tenant, run, revision, last_sequence),
        FOREIGN KEY (tenant, run) REFERENCES run ON DELETE CASCADE
      )
      """
    ] + fence("partial_commit")
  )
}

/// The codes of the errors that our functions raise; their message is the run that stands in the way.
enum PostgresRefusal: String, Sendable {
  case headMoved = "CO001"
  case runExists = "CO002"
  case noSuchRun = "CO003"
  case threadBusy = "CO004"
}
