write | INSERT INTO orders (id, tenant_id) VALUES (9999, 1)
write | REPLACE INTO orders (id, tenant_id) VALUES (1, 1)
write | UPDATE customers SET name = 'x'
write | DELETE FROM lines
write | DELETE FROM lines RETURNING *
write | WITH x AS (SELECT 1) DELETE FROM lines
write | WITH x AS (SELECT 1) UPDATE orders SET status = 'x'
write | WITH x AS (SELECT 1) INSERT INTO effects (what) SELECT 1
write | WITH x AS (SELECT 1) REPLACE INTO effects VALUES (1, 'x')
write | WITH x AS (DELETE FROM lines RETURNING id) SELECT * FROM x
write | INSERT INTO orders (id, tenant_id) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET status = 'x'
write | DROP TABLE orders
write | CREATE TABLE copy AS SELECT * FROM vault
write | CREATE TEMP VIEW orders AS SELECT * FROM main.vault
write | CREATE TRIGGER t AFTER INSERT ON orders BEGIN DELETE FROM lines; END
write | CREATE VIRTUAL TABLE t USING fts5(a)
write | CREATE INDEX i ON orders (id)
write | ALTER TABLE orders ADD COLUMN x
write | DROP VIEW monthly
write | SELECT * INTO copy FROM orders
utility | ATTACH 'x.db' AS x
utility | ATTACH DATABASE ':memory:' AS m
utility | ATTACH '' AS m
utility | DETACH main
utility | VACUUM
utility | VACUUM INTO 'copy.db'
utility | ANALYZE
utility | REINDEX
utility | EXPLAIN SELECT 1
utility | EXPLAIN QUERY PLAN SELECT * FROM orders
utility | PRAGMA table_info(vault)
utility | PRAGMA writable_schema = ON
utility | PRAGMA query_only(0)
utility | pragma/**/user_version
utility | PRAGMA main.journal_mode = DELETE
utility | BEGIN
utility | BEGIN EXCLUSIVE
utility | COMMIT
utility | END
utility | ROLLBACK
utility | SAVEPOINT a
utility | RELEASE a
stacked | SELECT 1; DELETE FROM orders
stacked | SELECT 1;; DROP TABLE orders
stacked | SELECT 1; SELECT 2
stacked | ; SELECT 1; SELECT 2
file | SELECT load_extension('x')
file | SELECT readfile('/etc/passwd')
file | SELECT writefile('x', 'y')
file | SELECT * FROM fsdir('.')
file | SELECT edit('x')
file | SELECT zipfile('a', 'b')
file | SELECT fts3_tokenizer('simple')
file | SELECT "load_extension"('x')
file | SELECT [readfile]('x')
file | SELECT LOAD_EXTENSION('x', 'y') FROM orders
catalogue | SELECT * FROM sqlite_master
catalogue | SELECT sql FROM main.sqlite_schema
catalogue | SELECT * FROM sqlite_temp_master
catalogue | SELECT * FROM SQLITE_MASTER
catalogue | SELECT * FROM "sqlite_master"
catalogue | SELECT * FROM [sqlite_schema]
catalogue | SELECT * FROM sqlite_stat1
catalogue | SELECT * FROM sqlite_sequence
catalogue | SELECT * FROM pragma_table_info('vault')
catalogue | SELECT * FROM pragma_database_list
catalogue | SELECT * FROM pragma_function_list()
catalogue | SELECT * FROM dbstat
catalogue | SELECT * FROM sqlite_dbpage
catalogue | SELECT * FROM bytecode('SELECT 1')
catalogue | SELECT * FROM tables_used('SELECT 1')
catalogue | SELECT * FROM orders, pragma_table_list
catalogue | SELECT sqlite_version()
catalogue | SELECT sqlite_source_id(), sqlite_compileoption_get(0)
catalogue | SELECT last_insert_rowid(), changes(), total_changes()
catalogue | SELECT sqlite_log(1, 'x')
relation | SELECT * FROM vault
relation | SELECT code FROM main.vault
relation | SELECT code FROM temp.vault
relation | SELECT code FROM other.orders
relation | SELECT code FROM "vault"
relation | SELECT code FROM [VAULT]
relation | SELECT code FROM `vault`
relation | SELECT code FROM 'vault'
relation | SELECT code FROM/**/vault
relation | SELECT code FROM vault AS orders
relation | SELECT code FROM (vault)
relation | SELECT 1 FROM orders, vault
relation | SELECT v.code FROM orders o JOIN vault v ON v.id = o.id
relation | SELECT count(*) FROM orders WHERE EXISTS (SELECT 1 FROM vault)
relation | SELECT 1 IN vault
relation | SELECT 1 IN main.vault
relation | SELECT 'x' NOT IN vault
relation | SELECT id FROM orders ORDER BY (SELECT code FROM vault LIMIT 1)
relation | SELECT id FROM orders LIMIT (SELECT count(*) FROM vault)
relation | SELECT id FROM orders LIMIT 1 OFFSET (SELECT count(*) FROM vault)
relation | SELECT id FROM orders GROUP BY (SELECT max(code) FROM vault)
relation | SELECT sum(id) OVER (ORDER BY (SELECT max(code) FROM vault)) FROM orders
relation | SELECT sum(id) FILTER (WHERE id IN (SELECT id FROM vault)) FROM orders
relation | SELECT id FROM orders UNION SELECT id FROM vault
relation | VALUES ((SELECT code FROM vault))
relation | WITH vault AS (SELECT * FROM vault) SELECT * FROM vault
relation | WITH orders AS (SELECT * FROM main.vault) SELECT * FROM orders
relation | WITH vault AS (SELECT 1) SELECT * FROM main.vault
relation | SELECT (WITH vault AS (SELECT 1) SELECT 1), (SELECT max(code) FROM vault)
relation | SELECT * FROM all_orders
relation | SELECT * FROM json_each((SELECT code FROM vault))
relation | WITH g(code) AS (VALUES ('k')) SELECT code FROM g NATURAL JOIN vault
relation | WITH g(code) AS (VALUES ('k')) SELECT code FROM g FULL JOIN vault USING (code)
column | SELECT pay FROM staff
column | SELECT s.passport FROM staff s
column | SELECT main.staff.pay FROM main.staff
column | SELECT "PAY" FROM staff
column | SELECT [passport] FROM staff
column | SELECT 'staff'.'pay' FROM staff
column | SELECT * FROM staff
column | SELECT s.* FROM staff s
column | SELECT count(*) FROM staff WHERE passport LIKE 'S%'
column | SELECT name FROM staff ORDER BY pay
column | SELECT name FROM staff GROUP BY pay
column | SELECT max(pay) OVER () FROM staff
column | WITH x(a, b, c, d, e, f, g, h) AS (SELECT * FROM staff) SELECT g FROM x
column | SELECT count(*) FROM staff a JOIN staff b USING (pay)
column | WITH g(passport) AS (VALUES ('S1')) SELECT count(*) FROM g JOIN staff USING (passport)
column | SELECT name FROM staff s WHERE EXISTS (SELECT 1 WHERE s.pay > 1)
column | SELECT group_concat(passport) FROM staff
column | SELECT json_array(pay) FROM staff
column | SELECT iif(pay > 1, 1, 0) FROM staff
column | SELECT max(id), pay FROM staff
column | SELECT rowid FROM staff
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t
recursion | WITH t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 5
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t WHERE n < 5) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 1000000000) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 1000000000) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(d) AS (SELECT '2025-01-01' UNION ALL SELECT date(d, '+0 day') FROM t WHERE d < '2026-01-01') SELECT count(*) FROM t
recursion | WITH RECURSIVE t(d) AS (SELECT '2025-01-01' UNION ALL SELECT date(d, '-1 day') FROM t WHERE d < '2026-01-01') SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, (SELECT 1 UNION ALL SELECT 2) WHERE n < 40) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, orders WHERE n < 40) SELECT count(*) FROM t
recursion | WITH RECURSIVE t AS (SELECT id FROM orders UNION ALL SELECT o.id FROM orders o JOIN t ON o.id = t.id) SELECT count(*) FROM t
recursion | WITH RECURSIVE t(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM t WHERE n < 40) SELECT max(length(s)) FROM t
rows | SELECT count(*) FROM orders a, orders b, orders c
rows | SELECT count(*) FROM orders a JOIN orders b JOIN lines c
rows | SELECT count(*) FROM orders a CROSS JOIN orders b CROSS JOIN lines c
rows | SELECT count(*) FROM orders a JOIN orders b ON 1 JOIN orders c ON a.id = a.id
rows | SELECT count(*) FROM orders a JOIN orders b ON a.tenant_id = b.tenant_id JOIN orders c USING (tenant_id)
rows | SELECT max(a.status || b.status || c.status) FROM orders a, orders b, orders c
rows | WITH a AS (SELECT x.id FROM orders x, orders y) SELECT count(*) FROM a, a b
rows | WITH a AS (SELECT 1 AS n UNION ALL SELECT 1), b AS (SELECT x.n FROM a x, a y), c AS (SELECT x.n FROM b x, b y), d AS (SELECT x.n FROM c x, c y), e AS (SELECT x.n FROM d x, d y), f AS (SELECT x.n FROM e x, e y) SELECT count(*) FROM f
rows | SELECT (SELECT count(*) FROM orders a, orders b WHERE a.id = o.id) FROM orders o, orders p
rows | SELECT count(*) FROM generate_series(1, 1000000000)
memory | SELECT zeroblob(1000000000)
memory | SELECT randomblob(1000000000)
memory | SELECT hex(zeroblob(100000000))
memory | SELECT printf('%1000000000d', 1)
memory | SELECT printf('%.*c', 900000000, 'x')
memory | SELECT format('%*d', 900000000, 1)
memory | SELECT printf('%' || '900000000d', 1)
memory | SELECT printf(notes, 1) FROM customers
memory | SELECT replace(replace(replace('aaaaaaaaaa', 'a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'), 'b', 'cccccccccccccccccccccccccccccc'), 'c', 'dddddddddddddddddddddddddddddd')
memory | SELECT replace(x, 'a', x) FROM (SELECT replace('aaaaaaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') AS x)
memory | SELECT group_concat(a.notes) FROM customers a, customers b, customers c
memory | SELECT json_group_array(a.notes) FROM customers a, customers b
memory | WITH t(x) AS (SELECT printf('%999d', 1)), u(x) AS (SELECT x || x || x || x || x || x || x || x || x || x FROM t), v(x) AS (SELECT x || x || x || x || x || x || x || x || x || x || x FROM u) SELECT length(x) FROM v
cpu | SELECT name LIKE '%a%b%c%d%e%f%g%h%i%j%k%l%m%n%o%p' FROM customers
cpu | SELECT name GLOB '*a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*' FROM customers
cpu | SELECT name REGEXP '(a+)+$' FROM customers
cpu | SELECT name MATCH 'x' FROM customers
cpu | SELECT name LIKE printf('%999s', 'x') FROM customers
cpu | SELECT count(*) FROM json_each('[' || replace(hex(replace(hex('aaaaaaaaaaaa'), '6', '66666666666666')), '3', '3,') || '1]') a, orders b, lines c
malformed | SELECT
malformed | SELEC 1
malformed | SELECT 'open
malformed | SELECT "open
malformed | SELECT [open
malformed | SELECT (1
malformed | SELECT 1)
malformed | SELECT ?
malformed | SELECT ?1
malformed | SELECT :name
malformed | SELECT @x
malformed | SELECT $x
malformed | SELECT * FROM
malformed | garbage
malformed | SELECT id FROM orders WHERE
malformed | SELECT nofunction(1)
malformed | SELECT nocolumn FROM orders
malformed | SELECT id FROM orders o WHERE p.id = 1
malformed | SELECT id FROM orders, lines
malformed | SELECT "no such column"
malformed | SELECT 1 FROM orders FOR UPDATE
malformed | SELECT RAISE(ABORT, 'x')
malformed | SELECT 1abc
malformed | SELECT 0x
malformed | SELECT 1e
malformed | SELECT x'0'
malformed | SELECT 1 UNION
malformed | WITH SELECT 1
malformed | SELECT CASE END
malformed | SELECT CAST(1)
malformed | .tables
recursion | WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT substr(s, 1) FROM t WHERE s <> '') SELECT count(*) FROM t
