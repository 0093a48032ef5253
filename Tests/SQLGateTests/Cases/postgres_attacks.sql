write | INSERT INTO orders (id, tenant_id) VALUES (9999, 1)
write | UPDATE customers SET name = 'x'
write | DELETE FROM lines
write | TRUNCATE lines
write | MERGE INTO orders o USING (SELECT 1 AS id) s ON o.id = s.id WHEN MATCHED THEN DELETE
write | DROP TABLE orders
write | CREATE TABLE copy AS SELECT * FROM vault
write | CREATE VIEW w AS SELECT * FROM vault
write | ALTER TABLE staff OWNER TO postgres
write | GRANT ALL ON vault TO PUBLIC
write | COMMENT ON TABLE orders IS 'x'
write | REFRESH MATERIALIZED VIEW monthly
write | SELECT * INTO copy FROM orders
write | SELECT id INTO TEMP t FROM orders UNION SELECT 1
write | WITH x AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM x
write | WITH x AS (INSERT INTO effects (what) VALUES ('y') RETURNING id) SELECT * FROM x
write | WITH x AS (UPDATE orders SET status = 'x' RETURNING id) SELECT id FROM x UNION SELECT id FROM orders
write | SELECT (WITH x AS (DELETE FROM lines RETURNING id) SELECT count(*) FROM x)
write | SELECT * FROM (WITH x AS (DELETE FROM lines RETURNING id) SELECT * FROM x) y
write | WITH a AS (WITH b AS (DELETE FROM lines RETURNING 1) SELECT * FROM b) SELECT * FROM a
write | SELECT nextval('effects_id_seq')
write | SELECT setval('effects_id_seq', 1)
write | SELECT currval('effects_id_seq')
write | SELECT lo_from_bytea(0, 'x')
write | SELECT lo_put(1, 0, 'x'), lo_unlink(1)
write | SELECT pg_logical_emit_message(true, 'a', 'b')
utility | EXPLAIN SELECT 1
utility | EXPLAIN ANALYZE DELETE FROM orders
utility | COPY orders TO '/tmp/x'
utility | COPY (SELECT 1) TO PROGRAM 'id'
utility | COPY effects FROM '/etc/passwd'
utility | DO $$ BEGIN DELETE FROM orders; END $$
utility | CALL wipe()
utility | PREPARE p AS SELECT 1
utility | EXECUTE p
utility | DECLARE c CURSOR WITH HOLD FOR SELECT * FROM vault
utility | FETCH ALL FROM c
utility | LISTEN x
utility | NOTIFY x, 'y'
utility | VACUUM
utility | ANALYZE orders
utility | CHECKPOINT
utility | LOAD 'auto_explain'
utility | LOCK TABLE orders
utility | DISCARD ALL
utility | SHOW ALL
utility | SHOW search_path
utility | CLUSTER
utility | REINDEX TABLE orders
utility | SECURITY LABEL ON TABLE orders IS 'x'
session | SET role postgres
session | SET SESSION AUTHORIZATION postgres
session | RESET ALL
session | SET TRANSACTION READ WRITE
session | BEGIN READ WRITE
session | COMMIT
session | ROLLBACK
session | SAVEPOINT a
session | SET LOCAL row_security = off
session | SELECT set_config('app.tenant', '2', false)
session | SELECT pg_catalog.set_config('role', 'postgres', true)
session | SELECT setseed(0.5)
stacked | SELECT 1; DELETE FROM orders
stacked | SELECT 1;; DELETE FROM orders
stacked | COMMIT; DROP TABLE orders
stacked | SELECT ';' ; SELECT 2
stacked | /* a */; SELECT 1; SELECT 2
lock | SELECT * FROM orders FOR UPDATE
lock | SELECT id FROM (SELECT id FROM orders FOR NO KEY UPDATE) x
lock | SELECT id FROM orders WHERE id IN (SELECT id FROM orders FOR SHARE)
lock | WITH x AS (SELECT id FROM orders FOR KEY SHARE SKIP LOCKED) SELECT * FROM x
lock | SELECT pg_advisory_lock(1)
lock | SELECT pg_try_advisory_xact_lock(id) FROM orders
lock | SELECT pg_notify('a', 'b')
file | SELECT pg_read_file('/etc/passwd')
file | SELECT pg_read_binary_file('x')
file | SELECT * FROM pg_ls_dir('.')
file | SELECT (pg_stat_file('x')).size
file | SELECT lo_import('/etc/passwd')
file | SELECT lo_export(1, '/tmp/x')
file | SELECT * FROM ROWS FROM (pg_ls_dir('.'), generate_series(1, 2))
network | SELECT * FROM dblink('host=evil', 'SELECT 1') AS t(a int)
network | SELECT dblink_connect('host=evil')
network | SELECT inet_server_addr()
dynamic | SELECT query_to_xml('SELECT * FROM vault', true, true, '')
dynamic | SELECT table_to_xml('vault', true, true, '')
dynamic | SELECT database_to_xml(true, true, '')
dynamic | SELECT cursor_to_xml('c', 1, true, true, '')
dynamic | SELECT ts_stat('SELECT code FROM vault')
dynamic | SELECT ts_rewrite('a'::tsquery, 'SELECT 1')
dynamic | SELECT run_text('DELETE FROM orders')
dynamic | SELECT * FROM crosstab('SELECT 1, 2, 3') AS t(a int, b int)
dynamic | SELECT xpath('//*', '<a/>'::xml)
dynamic | SELECT xmlelement(name a)
dynamic | SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS b text)
code | SELECT poke(o) FROM orders o
code | SELECT o.poke FROM orders o
code | SELECT (o).poke FROM orders o
code | SELECT (SELECT o).poke FROM orders o
code | SELECT public.poke(o) FROM orders o
code | SELECT public.lower(o) FROM orders o
code | SELECT o.lower FROM orders o
code | SELECT 1 OPERATOR(public.<~~>) 2
code | SELECT 1 <~~> 2
code | SELECT status::public.logged FROM orders
code | SELECT CAST(status AS logged) FROM orders
code | SELECT id FROM orders ORDER BY id USING OPERATOR(public.<)
catalogue | SELECT * FROM pg_authid
catalogue | SELECT * FROM pg_catalog.pg_shadow
catalogue | SELECT query FROM pg_stat_activity
catalogue | SELECT table_name FROM information_schema.tables
catalogue | SELECT prosrc FROM pg_proc
catalogue | SELECT n_distinct FROM pg_stats
catalogue | SELECT setting FROM pg_settings
catalogue | SELECT 'vault'::regclass::oid
catalogue | SELECT 1::regproc
catalogue | SELECT 'postgres'::regrole
catalogue | SELECT to_regclass('vault')
catalogue | SELECT has_table_privilege('vault', 'select')
catalogue | SELECT pg_get_viewdef('all_orders')
catalogue | SELECT pg_relation_size('vault')
catalogue | SELECT obj_description(1)
catalogue | SELECT col_description(1, 1)
catalogue | SELECT tableoid::regclass FROM orders
catalogue | SELECT ctid, xmin FROM orders
catalogue | SELECT 'x'::name::regtype
server | SELECT version()
server | SELECT current_setting('data_directory')
server | SELECT current_user
server | SELECT session_user, user, current_role
server | SELECT current_database(), current_schema, current_catalog
server | SELECT current_schemas(true)
server | SELECT pg_postmaster_start_time()
server | SELECT pg_backend_pid()
server | SELECT txid_current()
server | SELECT pg_export_snapshot()
server | SELECT pg_sleep(10)
server | SELECT pg_terminate_backend(1)
server | SELECT pg_reload_conf()
server | SELECT pg_stat_reset()
server | SELECT pg_typeof(1)
relation | SELECT * FROM vault
relation | SELECT code FROM public.vault
relation | SELECT code FROM "vault"
relation | SELECT code FROM U&"\0076ault"
relation | SELECT 1 FROM vault, orders
relation | SELECT v.code FROM orders o JOIN vault v ON v.id = o.id
relation | SELECT count(*) FROM orders WHERE EXISTS (SELECT 1 FROM vault)
relation | SELECT id FROM orders ORDER BY (SELECT code FROM vault LIMIT 1)
relation | SELECT id FROM orders GROUP BY id HAVING count(*) > (SELECT count(*) FROM vault)
relation | SELECT id FROM orders LIMIT (SELECT count(*) FROM vault)
relation | SELECT id FROM orders OFFSET (SELECT count(*) FROM vault)
relation | SELECT sum(id) OVER (ORDER BY (SELECT max(code) FROM vault)) FROM orders
relation | SELECT sum(id) FILTER (WHERE id IN (SELECT id FROM vault)) FROM orders
relation | SELECT string_agg(status, (SELECT code FROM vault LIMIT 1)) FROM orders
relation | SELECT CASE WHEN (SELECT true FROM vault) THEN 1 END
relation | SELECT ARRAY(SELECT code FROM vault)
relation | VALUES ((SELECT code FROM vault LIMIT 1))
relation | SELECT * FROM (VALUES ((SELECT code FROM vault LIMIT 1))) x
relation | WITH vault AS (SELECT * FROM vault) SELECT * FROM vault
relation | WITH orders AS (SELECT * FROM vault) SELECT * FROM orders
relation | WITH RECURSIVE vault AS (SELECT 1 AS code), x AS (SELECT * FROM public.vault) SELECT * FROM x
relation | SELECT (WITH vault AS (SELECT 1) SELECT 1), (SELECT max(code) FROM vault)
relation | SELECT code FROM vault AS orders
relation | TABLE vault
relation | SELECT * FROM ONLY orders
relation | SELECT * FROM all_orders
relation | SELECT * FROM pg_temp.orders
relation | SELECT * FROM other.orders
relation | SELECT * FROM postgres.public.orders
relation | SELECT * FROM "Orders"
relation | SELECT * FROM orders TABLESAMPLE SYSTEM (10)
relation | SELECT * FROM generate_series(1, (SELECT max(id) FROM vault)) x
relation | SELECT l.* FROM orders o, LATERAL (SELECT code FROM vault WHERE id = o.id) l
relation | SELECT DISTINCT ON ((SELECT code FROM vault LIMIT 1)) id FROM orders
relation | SELECT id FROM orders UNION SELECT id FROM vault
relation | (SELECT id FROM orders) EXCEPT (SELECT id FROM vault)
column | SELECT pay FROM staff
column | SELECT s.passport FROM staff s
column | SELECT staff.pay FROM staff
column | SELECT public.staff.pay FROM public.staff
column | SELECT * FROM staff
column | SELECT s.* FROM staff s
column | SELECT s FROM staff s
column | SELECT s::text FROM staff s
column | SELECT row_to_json(s) FROM staff s
column | SELECT (s).pay FROM staff s
column | SELECT count(*) FROM staff WHERE passport LIKE 'S%'
column | SELECT name FROM staff ORDER BY pay
column | SELECT name FROM staff GROUP BY name, pay
column | SELECT max(pay) OVER () FROM staff
column | SELECT a FROM staff AS s(a, b, c, d, e, f, g, h)
column | WITH x(a, b, c, d, e, f, g, h) AS (SELECT * FROM staff) SELECT g FROM x
column | SELECT count(*) FROM staff JOIN (VALUES ('S1')) v(passport) USING (passport)
column | SELECT name FROM staff s WHERE EXISTS (SELECT 1 WHERE s.pay > 1)
column | SELECT x.pay FROM staff, LATERAL (SELECT staff.pay) x
column | SELECT string_agg(passport, ',') FROM staff
column | SELECT coalesce(pay, 0) FROM staff
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 5
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t WHERE n < 5) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n - 1 FROM t WHERE n < 5) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 0 FROM t WHERE n < 5) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 1000000000) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 0.0000001 FROM t WHERE n < 2) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, (VALUES (1), (2)) v WHERE n < 40) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, orders WHERE n < 40) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a.n + 1 FROM t a, t b WHERE a.n < 40) SELECT count(*) FROM t
recursion | WITH RECURSIVE t AS (SELECT id FROM orders UNION ALL SELECT o.id FROM orders o JOIN t ON o.id = t.id) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t WHERE length(s) < 100000000) SELECT max(length(s)) FROM t
recursion | WITH RECURSIVE t(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM t WHERE n < 40) SELECT max(length(s)) FROM t
recursion | WITH RECURSIVE t(n, k) AS (SELECT 1, 2::numeric UNION ALL SELECT n + 1, k * k FROM t WHERE n < 60) SELECT max(repeat('x', k::int)) FROM t
recursion | WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM b), b AS (SELECT n FROM a) SELECT count(*) FROM b
rows | SELECT count(*) FROM generate_series(1, 1000000000)
rows | SELECT generate_series(1, 1000000000)
rows | SELECT count(*) FROM generate_series(1, 1e9::bigint)
rows | SELECT count(*) FROM generate_series(1, 2, 0.0000001)
rows | SELECT count(*) FROM generate_series(1, 10000) a, generate_series(1, 10000) b, generate_series(1, 10000) c
rows | SELECT count(*) FROM generate_series('2000-01-01'::timestamp, '2025-01-01', '1 second')
rows | SELECT count(*) FROM generate_series(now(), 'infinity', '1 day')
rows | SELECT count(*) FROM generate_series(1, (SELECT max(id) * 1000000 FROM orders))
rows | SELECT count(*) FROM generate_series(1, length(repeat('x', 90000)) * 20)
rows | SELECT count(*) FROM orders a, orders b, orders c
rows | SELECT count(*) FROM orders a CROSS JOIN orders b CROSS JOIN lines c
rows | SELECT count(*) FROM orders a JOIN orders b ON true JOIN orders c ON 1 = 1
rows | SELECT count(*) FROM orders a JOIN orders b ON a.id = a.id JOIN orders c ON b.id > 0
rows | SELECT count(*) FROM orders a JOIN orders b ON a.tenant_id = b.tenant_id JOIN orders c USING (tenant_id)
rows | SELECT count(*) FROM orders a JOIN orders b ON a.id * 0 = b.id * 0 JOIN orders c ON b.id % 1 = c.id % 1
rows | SELECT count(*) FROM orders a, lines b, (SELECT * FROM lines) c, LATERAL (SELECT * FROM orders) d
rows | SELECT max(a.id) OVER () FROM orders a, orders b, orders c
rows | WITH a AS (SELECT x.id FROM orders x, orders y) SELECT count(*) FROM a, a b
rows | SELECT count(*) FROM unnest(array_fill(1, ARRAY[10000000]))
rows | SELECT count(*) FROM string_to_table(repeat('a,', 40000000), ',')
rows | SELECT (SELECT count(*) FROM orders a, orders b WHERE a.id = o.id) FROM orders o, orders p
rows | SELECT count(*) FROM orders GROUP BY CUBE (id, tenant_id, customer_id, placed_at, status, channel, discount, coupon, delivery_fee)
memory | SELECT repeat('x', 900000000)
memory | SELECT length(repeat(repeat('x', 10000), 10000))
memory | SELECT length(lpad('x', 900000000))
memory | SELECT rpad('x', 900000000) || rpad('y', 900000000)
memory | SELECT format('%900000000s', 'x')
memory | SELECT format('%*s', 900000000, 'x')
memory | SELECT format(repeat('%s', 100), 'x')
memory | SELECT replace(repeat('a', 100000), 'a', repeat('b', 100000))
memory | SELECT regexp_replace(repeat('a', 90000), 'a', repeat('b', 90000), 'g')
memory | SELECT string_agg(repeat('x', 100000), '') FROM orders, lines
memory | SELECT array_agg(repeat('x', 90000)) FROM orders
memory | SELECT jsonb_agg(repeat('x', 90000)) FROM orders a, orders b
memory | SELECT array_fill(0, ARRAY[100000000])
memory | SELECT 'x'::char(10000000)
memory | SELECT replace(t.x, 'a', t.y) FROM (SELECT repeat('a', 90000) AS x, repeat('b', 90000) AS y) t
memory | WITH t AS (SELECT repeat('a', 90000) AS x) SELECT x || x || x FROM t
memory | SELECT repeat('x', (SELECT max(id) * 1000 FROM orders))
memory | SELECT repeat('x', n) FROM generate_series(1000000, 1000001) n
memory | SELECT convert_from(decode(repeat('61', 100000000), 'hex'), 'UTF8')
memory | SELECT 10 ^ 1000000
memory | SELECT 9.9 ^ 99 ^ 99
memory | SELECT power(10::numeric, 100000)
memory | SELECT factorial(100000)
memory | SELECT exp(100000::numeric)
memory | SELECT round(1.0 / 3, 100000)
memory | SELECT to_char(1, repeat('9', 100000))
memory | SELECT 1e100000
memory | SELECT jsonb_path_query('{"a": {}}', '$.**')
cpu | SELECT repeat('a', 30000) ~ '(a+)+$'
cpu | SELECT name ~ '(.*)(.*)(.*)\1\2' FROM customers
cpu | SELECT name ~ name FROM customers
cpu | SELECT regexp_matches(name, '(a|aa)+b') FROM customers
cpu | SELECT name ~ '(?=a)b' FROM customers
cpu | SELECT name ~ 'x{1,500}y{1,500}' FROM customers
cpu | SELECT name LIKE repeat('%a', 50) FROM customers
cpu | SELECT name LIKE '%a%b%c%d%e%f%g%h%i%j%k%l%m%n%o%p' FROM customers
cpu | SELECT crypt('x', gen_salt('bf', 20))
cpu | SELECT count(sha512(name::bytea)) FROM customers
malformed | SELECT
malformed | SELEC 1
malformed | SELECT 'open
malformed | SELECT (1
malformed | SELECT 1)
malformed | SELECT $1
malformed | SELECT :name
malformed | SELECT * FROM
malformed | garbage
malformed | SELECT id FROM orders WHERE
malformed | SELECT nofunction(1)
malformed | SELECT nocolumn FROM orders
malformed | SELECT id FROM orders o WHERE p.id = 1
malformed | SELECT id FROM orders, lines
malformed | SELECT 'x'::notype
malformed | SELECT a FROM countries AS c(a, b, c)
