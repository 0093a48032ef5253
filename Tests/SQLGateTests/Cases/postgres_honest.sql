SELECT count(*) FROM orders
SELECT * FROM customers ORDER BY id LIMIT 5
TABLE countries
SELECT c.* FROM customers c WHERE c.country = 'DE' ORDER BY c.id
SELECT DISTINCT status FROM orders ORDER BY 1
SELECT country, count(*) FROM customers GROUP BY country ORDER BY count DESC, country
SELECT country, count(*) AS n FROM customers GROUP BY 1 HAVING count(*) > 2 ORDER BY n DESC, 1
SELECT date_trunc('month', placed_at) AS month, sum(l.quantity * l.price) AS revenue FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY 1 ORDER BY 1
SELECT c.id, c.name, count(o.id) AS orders FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY orders DESC, c.id LIMIT 10
SELECT c.id, c.name, c.country, sum(l.price) FROM customers c JOIN orders o ON o.customer_id = c.id JOIN lines l ON l.order_id = o.id GROUP BY c.id HAVING sum(l.price) > 10 ORDER BY c.name, c.id
SELECT p.title, p.cost FROM products p GROUP BY p.id ORDER BY p.title, p.id
SELECT name FROM customers WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = customers.id) ORDER BY name
SELECT name FROM customers c WHERE c.id IN (SELECT customer_id FROM orders WHERE status = 'open') ORDER BY 1
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL) ORDER BY 1
SELECT name FROM customers WHERE id = ANY (SELECT customer_id FROM orders) ORDER BY name
SELECT name FROM customers WHERE country = ANY (ARRAY['DE', 'FR']) ORDER BY name
SELECT name FROM customers WHERE country = ANY ('{DE,FR}') ORDER BY name
SELECT title FROM products WHERE cost >= ALL (SELECT cost FROM products WHERE family = 'tools') ORDER BY title
WITH t AS (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) SELECT avg(n), max(n) FROM t
WITH orders AS (SELECT * FROM orders WHERE status <> 'cancelled') SELECT count(*) FROM orders
WITH a AS MATERIALIZED (SELECT id FROM orders), b AS NOT MATERIALIZED (SELECT order_id FROM lines) SELECT count(*) FROM a JOIN b ON a.id = b.order_id
WITH x(a, b) AS (VALUES (1, 'one'), (2, 'two')) SELECT b FROM x ORDER BY a
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i FROM n ORDER BY i
WITH RECURSIVE n AS (VALUES (1) UNION ALL SELECT column1 + 1 FROM n WHERE column1 < 5) SELECT sum(column1) FROM n
WITH RECURSIVE d AS (SELECT date '2025-01-01' AS day UNION ALL SELECT (day + interval '1 day')::date FROM d WHERE day < date '2025-01-31') SELECT d.day, count(o.id) FROM d LEFT JOIN orders o ON o.placed_at::date = d.day GROUP BY d.day ORDER BY d.day
WITH RECURSIVE m AS (SELECT min(date_trunc('month', placed_at)) AS month FROM orders UNION ALL SELECT month + interval '1 month' FROM m WHERE month < (SELECT max(placed_at) FROM orders)) SELECT count(*) FROM m
WITH RECURSIVE chain AS (SELECT id, name, boss_id, 0 AS level FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, s.name, s.boss_id, c.level + 1 FROM staff s JOIN chain c ON s.boss_id = c.id) SELECT level, count(*) FROM chain GROUP BY level ORDER BY level
WITH RECURSIVE chain AS (SELECT id, name::text AS path, 1 AS depth FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, c.path || ' > ' || s.name, c.depth + 1 FROM chain c JOIN staff s ON s.boss_id = c.id WHERE c.depth < 8) SELECT path FROM chain ORDER BY path
WITH RECURSIVE up AS (SELECT id, boss_id FROM staff WHERE id = 5 UNION SELECT s.id, s.boss_id FROM staff s JOIN up ON up.boss_id = s.id) SELECT count(*) FROM up
SELECT s.name, b.name AS boss FROM staff s LEFT JOIN staff b ON b.id = s.boss_id ORDER BY s.id
SELECT team, count(*) AS people, min(hired_on) AS first_hire FROM staff GROUP BY team ORDER BY people DESC, team
SELECT o.id, sum(o.delivery_fee) OVER (PARTITION BY o.customer_id ORDER BY o.placed_at, o.id) AS running FROM orders o ORDER BY o.id LIMIT 20
SELECT id, lag(delivery_fee) OVER w AS before, lead(delivery_fee, 1, 0) OVER w AS after FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at, id) ORDER BY id LIMIT 20
SELECT id, rank() OVER (ORDER BY price DESC), dense_rank() OVER (ORDER BY price DESC), ntile(4) OVER (ORDER BY price, id), percent_rank() OVER (ORDER BY price), cume_dist() OVER (ORDER BY price) FROM lines ORDER BY id LIMIT 15
SELECT id, avg(price) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM lines ORDER BY id LIMIT 15
SELECT id, sum(price) OVER (ORDER BY id RANGE BETWEEN 10 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW) FROM lines ORDER BY id LIMIT 9
SELECT id, nth_value(price, 2) OVER (ORDER BY id GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM lines ORDER BY id LIMIT 4
SELECT * FROM (SELECT customer_id, id, row_number() OVER (PARTITION BY customer_id ORDER BY placed_at DESC, id) AS place FROM orders) t WHERE place = 1 ORDER BY customer_id
SELECT DISTINCT ON (customer_id) customer_id, id, status FROM orders ORDER BY customer_id, placed_at DESC, id
SELECT status, count(*) FILTER (WHERE channel = 'web') AS web, count(*) FILTER (WHERE channel <> 'web') AS other FROM orders GROUP BY status ORDER BY status
SELECT channel, percentile_cont(0.5) WITHIN GROUP (ORDER BY delivery_fee) AS median, percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY delivery_fee) AS q, mode() WITHIN GROUP (ORDER BY status) FROM orders GROUP BY channel ORDER BY channel
SELECT stddev(price), stddev_pop(price), variance(price), var_samp(price), corr(price, quantity), covar_pop(price, quantity), regr_slope(price, quantity), regr_r2(price, quantity) FROM lines
SELECT bool_and(quantity > 0), bool_or(returned > 0), every(price >= 0), bit_or(quantity) FROM lines
SELECT string_agg(name, ', ' ORDER BY name), array_agg(DISTINCT country ORDER BY country) FROM customers
SELECT customer_id, json_agg(json_build_object('id', id, 'status', status) ORDER BY id) FROM orders GROUP BY customer_id ORDER BY customer_id LIMIT 3
SELECT jsonb_object_agg(code, title) FROM countries
SELECT row_to_json(t) FROM (SELECT id, name FROM customers ORDER BY id LIMIT 2) t
SELECT to_jsonb(c) - 'notes' FROM customers c ORDER BY c.id LIMIT 2
SELECT count(c), count(DISTINCT c.country) FROM customers c
SELECT attributes ->> 'color' AS color, count(*) FROM products GROUP BY 1 ORDER BY 1 NULLS LAST
SELECT attributes -> 'size' ->> 'w', attributes #>> '{size,h}' FROM products ORDER BY id LIMIT 5
SELECT count(*) FROM products WHERE attributes ? 'color' AND attributes @> '{"color": "red"}'
SELECT p.id, t.tag FROM products p CROSS JOIN LATERAL jsonb_array_elements_text(p.attributes -> 'tags') AS t(tag) ORDER BY p.id, t.tag LIMIT 10
SELECT p.id, e.key, e.value FROM products p, jsonb_each_text(p.attributes) e WHERE e.key <> 'tags' ORDER BY 1, 2 LIMIT 10
SELECT k, count(*) FROM products, jsonb_object_keys(attributes) AS k GROUP BY k ORDER BY k
SELECT (details ->> 'ms')::int / 100 AS bucket, count(*) FROM visits GROUP BY 1 ORDER BY 1
SELECT avg(CAST(details ->> 'ms' AS numeric)) FROM visits WHERE details ->> 'ms' ~ '^[0-9]+$'
SELECT jsonb_path_query_first(attributes, '$.size.w') FROM products ORDER BY id LIMIT 3
SELECT jsonb_typeof(attributes -> 'tags'), jsonb_array_length(attributes -> 'tags') FROM products ORDER BY id LIMIT 3
SELECT d::date AS day, count(o.id) FROM generate_series('2025-01-01'::date, '2025-01-10'::date, '1 day') d LEFT JOIN orders o ON o.placed_at::date = d::date GROUP BY 1 ORDER BY 1
SELECT m, coalesce(sum(o.delivery_fee), 0) FROM generate_series(date_trunc('month', timestamp '2025-01-01'), timestamp '2025-06-01', interval '1 month') AS m LEFT JOIN orders o ON date_trunc('month', o.placed_at) = m GROUP BY m ORDER BY m
SELECT g.day FROM generate_series((SELECT min(placed_at)::date FROM orders), (SELECT max(placed_at)::date FROM orders), interval '1 month') AS g(day) ORDER BY 1
SELECT n, n * n FROM generate_series(1, 10) AS n ORDER BY n
SELECT generate_series(1, 3) AS n ORDER BY n
SELECT extract(hour FROM placed_at) AS hour, count(*) FROM orders GROUP BY hour ORDER BY hour
SELECT extract(dow FROM placed_at)::int AS dow, extract(isodow FROM placed_at), date_part('week', placed_at) AS week FROM orders ORDER BY id LIMIT 5
SELECT to_char(placed_at, 'YYYY-MM') AS month, to_char(sum(delivery_fee), 'FM999G990D00') FROM orders GROUP BY 1 ORDER BY 1
SELECT to_char(placed_at, 'Day'), to_date('2025-01-31', 'YYYY-MM-DD'), to_timestamp(1735689600) AT TIME ZONE 'UTC' FROM orders ORDER BY id LIMIT 2
SELECT age(timestamp '2025-06-01', timestamp '2025-01-15'), justify_days(interval '45 days'), make_interval(days => 3), make_date(2025, 2, 28)
SELECT count(*) FROM orders WHERE placed_at >= now() - interval '10 years' AND placed_at < current_date + 1
SELECT count(*) FROM orders WHERE placed_at BETWEEN '2025-01-01' AND '2025-03-31 23:59:59'
SELECT placed_at::date - lag(placed_at::date) OVER (ORDER BY placed_at, id) AS gap FROM orders ORDER BY placed_at, id LIMIT 5
SELECT date_bin('7 days', placed_at, timestamp '2025-01-06') AS week, count(*) FROM orders GROUP BY 1 ORDER BY 1
SELECT placed_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin' FROM orders ORDER BY id LIMIT 2
SELECT (timestamp '2025-01-01', timestamp '2025-02-01') OVERLAPS (timestamp '2025-01-15', timestamp '2025-03-01')
SELECT CASE WHEN price < 10 THEN 'low' WHEN price < 50 THEN 'middle' ELSE 'high' END AS class, count(*) FROM lines GROUP BY 1 ORDER BY 1
SELECT CASE status WHEN 'open' THEN 1 ELSE 0 END FROM orders ORDER BY id LIMIT 3
SELECT sum(CASE WHEN status = 'paid' THEN 1 ELSE 0 END)::numeric / nullif(count(*), 0) AS share FROM orders
SELECT round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share, status FROM orders GROUP BY status ORDER BY status
SELECT width_bucket(price, 0, 100, 10) AS bucket, count(*) FROM lines GROUP BY bucket ORDER BY bucket
SELECT greatest(1, 2, 3), least(discount, 5), coalesce(coupon, 'none'), nullif(channel, 'web') FROM orders ORDER BY id LIMIT 3
SELECT abs(-5), ceil(1.2), floor(1.8), round(2.345, 2), trunc(2.7), sign(-3), mod(7, 3), power(2, 8), sqrt(16), ln(10), log(100), exp(1), div(9, 4), cbrt(27), pi()
SELECT 7 / 2, 7 % 3, 2 ^ 3, @ -4, |/ 16, -(-3), - 3, +4, 1e3, .5, 5 <> 6, 5 != 6, 6 & 3, 6 | 3, 6 # 3, ~ 1, 1 << 4
SELECT upper(name), lower(name), initcap(name), length(name), substring(name, 1, 3), substring(name FROM 2 FOR 2), left(name, 2), right(name, 2), trim(both ' ' from name), replace(name, 'a', 'b'), position('a' in name), strpos(name, 'e'), split_part(name, ' ', 1), reverse(name), lpad(id::text, 5, '0'), md5(name) FROM customers ORDER BY id LIMIT 3
SELECT concat(name, ' (', country, ')'), concat_ws('-', country, segment), name || '/' || coalesce(segment, '?'), format('%s: %s', name, country), overlay(name placing 'XX' from 1 for 2) FROM customers ORDER BY id LIMIT 3
SELECT repeat('*', 5), repeat('#', count(*)::int / 10) FROM orders
SELECT name FROM customers WHERE name ILIKE '%an%' OR name LIKE 'B\_%' ESCAPE '\' OR name SIMILAR TO '(A|B)%' OR name ~* '^c' ORDER BY name
SELECT name FROM customers WHERE notes LIKE '%please update%' OR notes LIKE '%drop; delete%' ORDER BY 1
SELECT regexp_replace(name, '[^A-Za-z]+', '', 'g'), (regexp_match(name, '([A-Z])\w+'))[1], regexp_split_to_array(name, '\s+') FROM customers ORDER BY id LIMIT 3
SELECT word, count(*) FROM customers, regexp_split_to_table(lower(name), '\s+') AS word GROUP BY word ORDER BY 2 DESC, 1 LIMIT 5
SELECT unnest(ARRAY['a', 'b']) AS letter ORDER BY 1
SELECT u.v, u.n FROM unnest(ARRAY['x', 'y']) WITH ORDINALITY AS u(v, n) ORDER BY n
SELECT array_length(array_agg(id), 1), cardinality(array_agg(id)), (array_agg(id ORDER BY id))[1:2], array_to_string(array_agg(status ORDER BY id), ',') FROM orders WHERE id < 8
SELECT ARRAY(SELECT id FROM orders ORDER BY id LIMIT 3), 3 = ANY(ARRAY[1, 2, 3]), ARRAY[1, 2] || 3
SELECT string_to_array('a,b,c', ','), array_position(ARRAY['a', 'b'], 'b')
SELECT channel, status, count(*) FROM orders GROUP BY ROLLUP (channel, status) ORDER BY channel NULLS LAST, status NULLS LAST
SELECT channel, status, grouping(channel, status), count(*) FROM orders GROUP BY CUBE (channel, status) ORDER BY 1 NULLS FIRST, 2 NULLS FIRST
SELECT channel, status, count(*) FROM orders GROUP BY GROUPING SETS ((channel), (status), ()) ORDER BY 1, 2
SELECT id FROM customers UNION SELECT id FROM products ORDER BY id
SELECT id FROM customers UNION ALL (SELECT id FROM products ORDER BY id LIMIT 3) ORDER BY 1 LIMIT 10
(SELECT 'a' AS kind, count(*) FROM orders) UNION ALL (SELECT 'b', count(*) FROM lines) ORDER BY kind
SELECT country FROM customers INTERSECT SELECT code FROM countries ORDER BY 1
SELECT code FROM countries EXCEPT SELECT country FROM customers ORDER BY 1
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES ('DE', 1.0), ('US', 0.9)) AS fx(code, rate) ORDER BY code
SELECT c.name, l.n FROM customers c CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.id) l ORDER BY l.n DESC, c.name LIMIT 5
SELECT c.name, t.id FROM customers c LEFT JOIN LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed_at DESC, o.id LIMIT 2) t ON true ORDER BY c.name, t.id
SELECT m.month, ch.channel, count(o.id) FROM (SELECT DISTINCT date_trunc('month', placed_at) AS month FROM orders) m CROSS JOIN (SELECT DISTINCT channel FROM orders) ch LEFT JOIN orders o ON date_trunc('month', o.placed_at) = m.month AND o.channel = ch.channel GROUP BY 1, 2 ORDER BY 1, 2
SELECT co.title, count(*) FROM countries co JOIN customers cu ON cu.country = co.code GROUP BY co.title ORDER BY 1
SELECT orders.id, customers.name FROM public.orders JOIN public.customers ON public.orders.customer_id = customers.id ORDER BY orders.id LIMIT 3
SELECT order_id, sum(quantity) FROM lines JOIN (SELECT id AS order_id, status FROM orders) o USING (order_id) WHERE o.status = 'paid' GROUP BY order_id ORDER BY order_id LIMIT 5
SELECT count(*) FROM orders NATURAL JOIN (SELECT id, status FROM orders WHERE status = 'paid') p
SELECT a.id, b.id FROM orders a FULL JOIN (SELECT id FROM lines WHERE id < 5) b ON a.id = b.id WHERE a.id < 10 OR a.id IS NULL ORDER BY 1, 2
SELECT count(*) FROM (orders o JOIN (lines l JOIN products p ON p.id = l.product_id) ON l.order_id = o.id)
SELECT a.id, count(*) FROM lines a JOIN lines b ON b.order_id = a.order_id AND b.id < a.id GROUP BY a.id ORDER BY a.id LIMIT 10
SELECT a.sku, b.sku, count(*) FROM lines x JOIN lines y ON x.order_id = y.order_id AND x.product_id < y.product_id JOIN products a ON a.id = x.product_id JOIN products b ON b.id = y.product_id GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 5
SELECT a.month, a.n, (SELECT sum(b.n) FROM monthly b WHERE b.month <= a.month) AS total FROM monthly a ORDER BY a.month
SELECT month, n FROM monthly ORDER BY month
SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM orders) AS orders
SELECT p.title FROM products p WHERE p.cost > (SELECT avg(q.cost) FROM products q WHERE q.family = p.family) ORDER BY p.title
SELECT name FROM customers c WHERE (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) >= 5 ORDER BY name
SELECT c.name FROM customers c WHERE NOT EXISTS (SELECT 1 FROM products p WHERE p.family = 'tools' AND NOT EXISTS (SELECT 1 FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.customer_id = c.id AND l.product_id = p.id)) ORDER BY 1
SELECT (country, segment) AS pair, count(*) FROM customers GROUP BY country, segment ORDER BY 2 DESC, 1 LIMIT 3
SELECT id FROM orders WHERE (customer_id, status) IN (SELECT customer_id, 'paid' FROM orders WHERE status = 'open') ORDER BY id
SELECT id FROM orders WHERE ROW(customer_id, channel) = ROW(3, 'web') ORDER BY id
SELECT count(*) FROM orders WHERE coupon IS DISTINCT FROM 'X' AND (discount > 0) IS NOT TRUE
SELECT count(*) FROM customers WHERE notes IS NULL OR referrer_id IS NOT NULL
SELECT name AS "select", country AS "Drop Table" FROM customers ORDER BY "select" LIMIT 2
SELECT name COLLATE "C" FROM customers ORDER BY name COLLATE "C" DESC LIMIT 3
SELECT $$it's; DROP TABLE x$$ AS t, E'a\nb' AS e, U&'\0041' AS u, 'semi;colon' AS s
SELECT 1 /* DELETE FROM orders; */ + 1 AS two -- DROP TABLE orders
select sum ( price ) from lines ;
SELECT id FROM orders ORDER BY id OFFSET 3 ROWS FETCH NEXT 2 ROWS ONLY
SELECT status, count(*) FROM orders GROUP BY status ORDER BY count(*) DESC FETCH FIRST 1 ROWS WITH TIES
SELECT id FROM orders ORDER BY placed_at DESC NULLS LAST, id LIMIT 4 OFFSET 2
SELECT count(*) FROM orders LIMIT ALL
WITH base AS (SELECT customer_id, min(placed_at::date) AS first FROM orders GROUP BY 1), months AS (SELECT o.customer_id, (extract(year FROM age(o.placed_at, b.first)) * 12 + extract(month FROM age(o.placed_at, b.first)))::int AS m, date_trunc('month', b.first)::date AS cohort FROM orders o JOIN base b USING (customer_id)) SELECT cohort, m, count(DISTINCT customer_id) FROM months GROUP BY 1, 2 ORDER BY 1, 2
WITH r AS (SELECT customer_id, max(placed_at)::date AS last, count(*) AS f, sum(delivery_fee) AS m FROM orders GROUP BY 1), s AS (SELECT customer_id, ntile(5) OVER (ORDER BY last) AS rs, ntile(5) OVER (ORDER BY f, customer_id) AS fs, ntile(5) OVER (ORDER BY m, customer_id) AS ms FROM r) SELECT fs + ms AS score, count(*) FROM s GROUP BY 1 ORDER BY 1
WITH steps AS (SELECT session, max((event = 'view')::int) AS v, max((event = 'cart')::int) AS c, max((event = 'buy')::int) AS b FROM visits GROUP BY session) SELECT sum(v), sum(c), sum(b), round(sum(b)::numeric / nullif(sum(v), 0), 3) FROM steps
WITH g AS (SELECT id, at, session, CASE WHEN at - lag(at) OVER (PARTITION BY session ORDER BY at, id) > interval '30 minutes' THEN 1 ELSE 0 END AS new FROM visits) SELECT sum(new) FROM g
WITH t AS (SELECT family, sum(l.quantity * l.price) AS rev FROM lines l JOIN products p ON p.id = l.product_id GROUP BY family) SELECT family, rev, sum(rev) OVER (ORDER BY rev DESC, family) / sum(rev) OVER () AS cumulative FROM t ORDER BY rev DESC, family
WITH q AS (SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY price) AS lo, percentile_cont(0.75) WITHIN GROUP (ORDER BY price) AS hi FROM lines) SELECT count(*) FROM lines, q WHERE price > hi + 1.5 * (hi - lo) OR price < lo - 1.5 * (hi - lo)
WITH s AS (SELECT avg(price) AS mu, stddev(price) AS sd FROM lines) SELECT l.id, round((l.price - s.mu) / nullif(s.sd, 0), 3) AS z FROM lines l CROSS JOIN s ORDER BY abs(l.price - s.mu) DESC, l.id LIMIT 5
WITH d AS (SELECT row_number() OVER (ORDER BY m) AS x, n FROM (SELECT date_trunc('month', placed_at) AS m, count(*)::float8 AS n FROM orders GROUP BY 1) t) SELECT round(regr_slope(n, x)::numeric, 3), round(regr_intercept(n, x)::numeric, 3) FROM d
SELECT count(*) FROM customers WHERE to_tsvector('english', coalesce(notes, '')) @@ plainto_tsquery('english', 'update')
SELECT date_trunc('quarter', placed_at)::date AS q, sum(delivery_fee), sum(sum(delivery_fee)) OVER (ORDER BY date_trunc('quarter', placed_at)) FROM orders GROUP BY date_trunc('quarter', placed_at) ORDER BY 1
SELECT power(1 + 0.05, 3), power(max(price) / nullif(min(price), 0), 1.0 / 3) - 1 FROM lines WHERE price > 0
SELECT count(*) FROM orders WHERE tenant_id = 1
SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id
SELECT o.id FROM orders o, customers c WHERE o.customer_id = c.id AND c.country = 'DE' ORDER BY o.id
SELECT daterange('2025-01-01', '2025-02-01') @> date '2025-01-15', lower(daterange('2025-01-01', '2025-02-01'))
SELECT random() < 2, current_timestamp IS NOT NULL, localtimestamp(0) IS NOT NULL, current_time IS NOT NULL
SELECT to_number('12,345.6', '99G999D9'), '12'::int + '3'::integer, CAST('2025-01-01' AS date) + 1, true::int, 'a'::char(3), '{1,2}'::int[], '1.5'::double precision, interval '1' day
SELECT num_nulls(coupon, discount), num_nonnulls(coupon) FROM orders ORDER BY id LIMIT 2
SELECT count(*) FROM orders AS o(a, b, c) WHERE o.c > 2
SELECT x.a, x.b FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS x(a int, b text)
SELECT -3 AS a, - 4 AS b, -(5) AS c, -/* 9 */6 AS d, - -7 AS e, 0 AS f, -0 AS g, -2147483648 AS h, 3 - -2 AS i, (-8) AS j, -9.5 AS k
SELECT id FROM lines WHERE quantity IN (-1, 0, 2) AND price > -1 ORDER BY id LIMIT -0 + 3
WITH RECURSIVE t(n, f) AS (SELECT 1, 1::numeric UNION ALL SELECT n + 1, f * (n + 1) FROM t WHERE n < 20) SELECT n, f FROM t ORDER BY n
WITH RECURSIVE fib(a, b, n) AS (SELECT 0, 1, 1 UNION ALL SELECT b, a + b, n + 1 FROM fib WHERE n < 20) SELECT a FROM fib ORDER BY n
SELECT name FROM customers WHERE name LIKE ANY (ARRAY['%an%', '%ob%']) ORDER BY name
SELECT d.day::date, count(o.id) FROM (SELECT generate_series(min(placed_at::date), max(placed_at::date), '1 day') AS day FROM orders) d LEFT JOIN orders o ON o.placed_at::date = d.day GROUP BY 1 ORDER BY 1
SELECT a.placed_at::date, sum(b.delivery_fee) FROM orders a JOIN orders b ON b.placed_at BETWEEN a.placed_at - interval '7 days' AND a.placed_at GROUP BY 1 ORDER BY 1
WITH RECURSIVE t AS (SELECT id, ARRAY[id] AS path FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, t.path || s.id FROM staff s JOIN t ON s.boss_id = t.id WHERE NOT s.id = ANY(t.path)) SELECT id, cardinality(path) FROM t ORDER BY id
