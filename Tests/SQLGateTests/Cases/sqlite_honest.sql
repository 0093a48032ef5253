SELECT count(*) FROM orders
SELECT * FROM customers ORDER BY id LIMIT 5
SELECT c.* FROM customers c WHERE c.country = 'DE' ORDER BY c.id
SELECT DISTINCT status FROM orders ORDER BY 1
SELECT country, count(*) AS n FROM customers GROUP BY 1 HAVING n > 2 ORDER BY n DESC, 1
SELECT strftime('%Y-%m', placed_at) AS month, round(sum(l.quantity * l.price), 2) AS revenue FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY month ORDER BY month
SELECT c.id, c.name, count(o.id) AS orders FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY orders DESC, c.id LIMIT 10
SELECT name FROM customers WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = customers.id) ORDER BY name
SELECT name FROM customers c WHERE c.id IN (SELECT customer_id FROM orders WHERE status = 'open') ORDER BY 1
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders) ORDER BY 1
WITH t AS (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) SELECT avg(n), max(n) FROM t
WITH open_orders AS (SELECT * FROM orders WHERE status <> 'cancelled') SELECT count(*) FROM open_orders
WITH a AS MATERIALIZED (SELECT id FROM orders), b AS NOT MATERIALIZED (SELECT order_id FROM lines) SELECT count(*) FROM a JOIN b ON a.id = b.order_id
WITH x(a, b) AS (VALUES (1, 'one'), (2, 'two')) SELECT b FROM x ORDER BY a
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i FROM n ORDER BY i
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12) SELECT count(*) FROM n
WITH n AS (VALUES (1) UNION ALL SELECT column1 + 1 FROM n WHERE column1 <= 5) SELECT sum(column1) FROM n
WITH RECURSIVE d(day) AS (SELECT '2025-01-01' UNION ALL SELECT date(day, '+1 day') FROM d WHERE day < '2025-01-31') SELECT d.day, count(o.id) FROM d LEFT JOIN orders o ON date(o.placed_at) = d.day GROUP BY d.day ORDER BY d.day
WITH RECURSIVE m(month) AS (SELECT date(min(placed_at), 'start of month') FROM orders UNION ALL SELECT date(month, '+1 month') FROM m WHERE date(month, '+1 month') <= (SELECT max(placed_at) FROM orders)) SELECT count(*) FROM m
WITH RECURSIVE chain AS (SELECT id, name, boss_id, 0 AS level FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, s.name, s.boss_id, c.level + 1 FROM staff s JOIN chain c ON s.boss_id = c.id) SELECT level, count(*) FROM chain GROUP BY level ORDER BY level
WITH RECURSIVE chain(id, path, depth) AS (SELECT id, name, 1 FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, c.path || ' > ' || s.name, c.depth + 1 FROM chain c, staff s WHERE s.boss_id = c.id AND c.depth < 8) SELECT path FROM chain ORDER BY path
WITH RECURSIVE up AS (SELECT id, boss_id FROM staff WHERE id = 5 UNION SELECT s.id, s.boss_id FROM staff s JOIN up ON up.boss_id = s.id) SELECT count(*) FROM up
SELECT s.name, b.name AS boss FROM staff s LEFT JOIN staff b ON b.id = s.boss_id ORDER BY s.id
SELECT team, count(*) AS people, min(hired_on) FROM staff GROUP BY team ORDER BY people DESC, team
SELECT o.id, sum(o.delivery_fee) OVER (PARTITION BY o.customer_id ORDER BY o.placed_at, o.id) AS running FROM orders o ORDER BY o.id LIMIT 20
SELECT id, lag(delivery_fee) OVER w AS before, lead(delivery_fee, 1, 0) OVER w AS after FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at, id) ORDER BY id LIMIT 20
SELECT id, rank() OVER (ORDER BY price DESC), dense_rank() OVER (ORDER BY price DESC), ntile(4) OVER (ORDER BY price, id), percent_rank() OVER (ORDER BY price), cume_dist() OVER (ORDER BY price) FROM lines ORDER BY id LIMIT 15
SELECT id, avg(price) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM lines ORDER BY id LIMIT 15
SELECT id, sum(price) OVER (ORDER BY id RANGE BETWEEN 10 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW) FROM lines ORDER BY id LIMIT 9
SELECT id, nth_value(price, 2) OVER (ORDER BY id GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE NO OTHERS) FROM lines ORDER BY id LIMIT 4
SELECT id, first_value(price) OVER (win ROWS UNBOUNDED PRECEDING) FROM lines WINDOW win AS (ORDER BY id) ORDER BY id LIMIT 4
SELECT * FROM (SELECT customer_id, id, row_number() OVER (PARTITION BY customer_id ORDER BY placed_at DESC, id) AS place FROM orders) WHERE place = 1 ORDER BY customer_id
SELECT status, count(*) FILTER (WHERE channel = 'web') AS web, sum(channel <> 'web') AS other FROM orders GROUP BY status ORDER BY status
SELECT group_concat(name, ', ') FROM (SELECT name FROM customers ORDER BY name)
SELECT country, group_concat(DISTINCT segment) FROM customers GROUP BY country ORDER BY country
SELECT customer_id, json_group_array(id) FROM orders GROUP BY customer_id ORDER BY customer_id LIMIT 3
SELECT json_group_object(code, title) FROM countries
SELECT json_extract(attributes, '$.color') AS color, count(*) FROM products GROUP BY 1 ORDER BY 1
SELECT attributes ->> '$.size.w', attributes -> 'tags', attributes ->> 'color' FROM products ORDER BY id LIMIT 5
SELECT p.id, t.value FROM products p, json_each(p.attributes, '$.tags') t ORDER BY 1, 2 LIMIT 10
SELECT p.id, j.key, j.type FROM products p JOIN json_each(p.attributes) AS j WHERE j.key <> 'tags' ORDER BY 1, 2 LIMIT 10
SELECT fullkey, atom FROM json_tree('{"a": [1, {"b": 2}]}') WHERE atom IS NOT NULL ORDER BY fullkey
SELECT key, value FROM json_each('[1,2,3]') ORDER BY key
SELECT json_valid(attributes), json_type(attributes, '$.tags'), json_array_length(attributes, '$.tags'), json_object('a', 1), json_array(1, 'x'), json_quote('x') FROM products ORDER BY id LIMIT 2
SELECT CAST(json_extract(details, '$.ms') AS INTEGER) / 100 AS bucket, count(*) FROM visits GROUP BY bucket ORDER BY bucket
SELECT date(placed_at, 'start of month', '+1 month', '-1 day') AS month_end, count(*) FROM orders GROUP BY 1 ORDER BY 1
SELECT CAST(strftime('%H', placed_at) AS INTEGER) AS hour, count(*) FROM orders GROUP BY hour ORDER BY hour
SELECT strftime('%w', placed_at), strftime('%W', placed_at), strftime('%j', placed_at), strftime('%s', placed_at) FROM orders ORDER BY id LIMIT 3
SELECT (CAST(strftime('%m', placed_at) AS INT) + 2) / 3 AS quarter, count(*) FROM orders GROUP BY quarter ORDER BY quarter
SELECT julianday('2025-06-01') - julianday('2025-01-15'), datetime('2025-01-01', '+1 day'), time('12:00'), unixepoch('2025-01-01')
SELECT count(*) FROM orders WHERE placed_at >= date('now', '-20 years') AND placed_at < date('now', '+1 day')
SELECT count(*) FROM orders WHERE placed_at BETWEEN '2025-01-01' AND '2025-03-31 23:59:59'
SELECT julianday(placed_at) - julianday(lag(placed_at) OVER (ORDER BY placed_at, id)) AS gap FROM orders ORDER BY placed_at, id LIMIT 5
SELECT CASE WHEN price < 10 THEN 'low' WHEN price < 50 THEN 'middle' ELSE 'high' END AS class, count(*) FROM lines GROUP BY class ORDER BY class
SELECT CASE status WHEN 'open' THEN 1 ELSE 0 END FROM orders ORDER BY id LIMIT 3
SELECT 1.0 * sum(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) / nullif(count(*), 0) AS share FROM orders
SELECT round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share, status FROM orders GROUP BY status ORDER BY status
SELECT max(1, 2, 3), min(discount, 5), coalesce(coupon, 'none'), ifnull(coupon, '-'), nullif(channel, 'web'), iif(discount > 1, 'x', 'y') FROM orders ORDER BY id LIMIT 3
SELECT abs(-5), round(2.345, 2), sign(-3), mod(7, 3), power(2, 8), sqrt(16), ln(10), log10(100), exp(1), ceil(1.2), floor(1.8), trunc(2.7), pi()
SELECT 7 / 2, 7 % 3, -(-3), - 3, +4, 1e3, .5, 5 <> 6, 5 != 6, 6 & 3, 6 | 3, ~ 1, 1 << 4, 16 >> 2, 1 == 1, 0x1F
SELECT upper(name), lower(name), length(name), substr(name, 1, 3), substring(name, 2), trim(name), ltrim(name), rtrim(name, 'x'), replace(name, 'a', 'b'), instr(name, 'a'), hex(substr(name, 1, 2)), quote(name), unicode(name), char(65, 66), soundex('x') IS NULL FROM customers ORDER BY id LIMIT 1
SELECT upper(name), substr(name, -3), name || ' (' || country || ')' FROM customers ORDER BY id LIMIT 3
SELECT printf('%.2f EUR', sum(price)), printf('%05d', count(*)), format('%,d', 1234567), printf('%s-%s', 'a', 'b'), printf('%d%%', 50) FROM lines
SELECT name FROM customers WHERE name LIKE '%an%' OR name LIKE 'B!_%' ESCAPE '!' OR name GLOB 'C*' ORDER BY name
SELECT name FROM customers WHERE notes LIKE '%please update%' OR notes LIKE '%drop; delete%' ORDER BY 1
SELECT p.title FROM products p JOIN customers c ON p.title LIKE '%' || c.segment || '%' GROUP BY p.title ORDER BY 1
SELECT id FROM customers UNION SELECT id FROM products ORDER BY id
SELECT 'a' AS kind, count(*) AS n FROM orders UNION ALL SELECT 'b', count(*) FROM lines ORDER BY kind
SELECT country FROM customers INTERSECT SELECT code FROM countries ORDER BY 1
SELECT code FROM countries EXCEPT SELECT country FROM customers
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES ('DE', 1.0), ('US', 0.9)) ORDER BY 1
SELECT m.month, ch.channel, count(o.id) FROM (SELECT DISTINCT strftime('%Y-%m', placed_at) AS month FROM orders) m CROSS JOIN (SELECT DISTINCT channel FROM orders) ch LEFT JOIN orders o ON strftime('%Y-%m', o.placed_at) = m.month AND o.channel = ch.channel GROUP BY 1, 2 ORDER BY 1, 2
SELECT co.title, count(*) FROM countries co JOIN customers cu ON cu.country = co.code GROUP BY co.title ORDER BY 1
SELECT main.orders.id, "customers"."name", [customers].[country], `orders`.`status` FROM main.orders JOIN customers ON orders.customer_id = customers.id ORDER BY 1 LIMIT 3
SELECT order_id, sum(quantity) FROM lines JOIN (SELECT id AS order_id, status FROM orders) o USING (order_id) WHERE o.status = 'paid' GROUP BY order_id ORDER BY order_id LIMIT 5
SELECT count(*) FROM orders NATURAL JOIN (SELECT id, status FROM orders WHERE status = 'paid')
SELECT a.id, b.id FROM orders a FULL OUTER JOIN (SELECT id FROM lines WHERE id < 5) b ON a.id = b.id WHERE a.id < 10 OR a.id IS NULL ORDER BY 1, 2
SELECT o.id, l.id FROM lines l RIGHT JOIN orders o ON o.id = l.order_id WHERE o.id < 5 ORDER BY 1, 2
SELECT count(*) FROM (orders o JOIN (lines l JOIN products p ON p.id = l.product_id) ON l.order_id = o.id)
SELECT count(*) FROM orders, customers WHERE orders.customer_id = customers.id
SELECT a.id, count(*) FROM lines a JOIN lines b ON b.order_id = a.order_id AND b.id < a.id GROUP BY a.id ORDER BY a.id LIMIT 10
SELECT a.month, a.n, (SELECT sum(b.n) FROM monthly b WHERE b.month <= a.month) AS total FROM monthly a ORDER BY a.month
SELECT month, n FROM monthly ORDER BY month
SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM orders) AS orders
SELECT p.title FROM products p WHERE p.cost > (SELECT avg(q.cost) FROM products q WHERE q.family = p.family) ORDER BY p.title
SELECT name FROM customers c WHERE (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) >= 5 ORDER BY name
SELECT id FROM orders WHERE (customer_id, status) IN (SELECT customer_id, 'paid' FROM orders WHERE status = 'open') ORDER BY id
SELECT id FROM orders WHERE (customer_id, channel) = (3, 'web') ORDER BY id
SELECT count(*) FROM orders WHERE coupon IS NOT 'X' AND discount IS NOT NULL AND status NOTNULL AND NOT (coupon ISNULL AND channel IS 'web')
SELECT count(*) FROM customers WHERE notes IS NULL OR referrer_id NOT NULL
SELECT count(*) FROM customers WHERE segment IS NOT DISTINCT FROM 'big' OR country IS DISTINCT FROM 'DE'
SELECT name AS "select", country AS [Drop Table], segment 'label' FROM customers ORDER BY "select" LIMIT 2
SELECT name FROM customers ORDER BY name COLLATE NOCASE DESC LIMIT 3
SELECT 'it''s; DROP TABLE x' AS t, 'PRAGMA and ATTACH are words' AS s, x'41' IS NOT NULL AS b
SELECT 1 /* DELETE FROM orders; */ + 1 AS two -- DROP TABLE orders
select sum ( price ) from lines ;
SELECT id FROM orders ORDER BY placed_at DESC NULLS LAST, id LIMIT 4 OFFSET 2
SELECT id FROM orders ORDER BY id LIMIT 2, 5
SELECT avg(price) FROM (SELECT price FROM lines ORDER BY price LIMIT 2 - (SELECT count(*) FROM lines) % 2 OFFSET (SELECT (count(*) - 1) / 2 FROM lines))
SELECT sum(x * x) / count(*) - avg(x) * avg(x) AS variance FROM (SELECT price AS x FROM lines)
WITH s AS (SELECT avg(price) AS mu FROM lines) SELECT sqrt(avg((l.price - s.mu) * (l.price - s.mu))) FROM lines l, s
WITH first AS (SELECT customer_id, min(date(placed_at)) AS day FROM orders GROUP BY 1), act AS (SELECT DISTINCT o.customer_id, strftime('%Y-%m', o.placed_at) AS month FROM orders o) SELECT strftime('%Y-%m', f.day) AS cohort, a.month, count(*) FROM first f JOIN act a ON a.customer_id = f.customer_id GROUP BY 1, 2 ORDER BY 1, 2
WITH r AS (SELECT customer_id, max(placed_at) AS last, count(*) AS f FROM orders GROUP BY 1), s AS (SELECT ntile(5) OVER (ORDER BY last, customer_id) AS rs, ntile(5) OVER (ORDER BY f, customer_id) AS fs FROM r) SELECT rs + fs AS score, count(*) FROM s GROUP BY 1 ORDER BY 1
WITH steps AS (SELECT session, max(event = 'view') AS v, max(event = 'cart') AS c, max(event = 'buy') AS b FROM visits GROUP BY session) SELECT sum(v), sum(c), sum(b), round(1.0 * sum(b) / nullif(sum(v), 0), 3) FROM steps
WITH t AS (SELECT family, sum(l.quantity * l.price) AS rev FROM lines l JOIN products p ON p.id = l.product_id GROUP BY family) SELECT family, rev, sum(rev) OVER (ORDER BY rev DESC, family) / sum(rev) OVER () AS cumulative FROM t ORDER BY rev DESC, family
WITH m AS (SELECT DISTINCT customer_id, CAST(strftime('%Y', placed_at) AS INTEGER) * 12 + CAST(strftime('%m', placed_at) AS INTEGER) AS k FROM orders), g AS (SELECT customer_id, k - row_number() OVER (PARTITION BY customer_id ORDER BY k) AS grp FROM m) SELECT customer_id, max(n) FROM (SELECT customer_id, count(*) AS n FROM g GROUP BY customer_id, grp) GROUP BY customer_id ORDER BY 1
SELECT count(*) FROM orders WHERE tenant_id = 1
SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id
SELECT status, max(id), channel FROM orders GROUP BY status ORDER BY status
SELECT random() IS NOT NULL, current_date IS NOT NULL, current_timestamp > '2020', typeof(1.5), total(price), likely(1) FROM lines
SELECT id AS x, x + 0 FROM (SELECT id, id AS x FROM orders) ORDER BY x LIMIT 3
SELECT count(*) FROM (orders)
SELECT count(*) FROM orders WHERE status IN ('open', 'paid') AND channel NOT IN ('shop') AND id IN ()
SELECT sum(price) AS "Sum (EUR)", count(*) FROM lines GROUP BY order_id > 10 ORDER BY "Sum (EUR)"
SELECT substr(placed_at, 1, 7) AS month FROM orders WHERE month >= '2025-02' GROUP BY month ORDER BY month
SELECT EXISTS (SELECT 1 FROM orders), NOT EXISTS (SELECT 1 FROM orders WHERE id < 0), (SELECT 1) = 1
SELECT id FROM orders ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, id DESC LIMIT 5
SELECT cast(price as text) || '', CAST(price AS REAL), CAST('3' AS NUMERIC), CAST(price AS DECIMAL(10, 2)) FROM lines ORDER BY id LIMIT 2
SELECT count(*) FROM customers a CROSS JOIN countries b
SELECT TRUE, FALSE, NULL, 1 IS TRUE, 0 IS NOT TRUE, NOT 1, NOT NOT 1
WITH RECURSIVE split(w, rest) AS (SELECT '', 'a,b,c' || ',' UNION ALL SELECT substr(rest, 0, instr(rest, ',')), substr(rest, instr(rest, ',') + 1) FROM split WHERE rest <> '') SELECT w FROM split WHERE w <> '' ORDER BY w
SELECT json_group_array(json_object('id', id, 'n', name)) FROM (SELECT id, name FROM customers ORDER BY id)
SELECT round(avg(julianday(b.placed_at) - julianday(a.placed_at)), 1) FROM orders a JOIN orders b ON a.customer_id = b.customer_id AND b.placed_at > a.placed_at
