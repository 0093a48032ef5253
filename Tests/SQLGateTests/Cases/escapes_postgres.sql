TABLE customers
SELECT c FROM customers c ORDER BY c.id
SELECT c::text FROM customers c ORDER BY c.id
SELECT row_to_json(c) FROM customers c ORDER BY c.id
SELECT jsonb_agg(c) FROM customers c
SELECT CAST((SELECT name FROM customers WHERE tenant_id = 2 ORDER BY id LIMIT 1) AS integer)
SELECT count(*) FROM customers WHERE name::int > 0
SELECT count(*) FROM customers WHERE CASE WHEN tenant_id = 2 THEN name::int ELSE 1 END > 0
SELECT count(*) FROM (SELECT name::int AS n FROM customers WHERE tenant_id <> 1) x WHERE n > 0
SELECT 1 / (SELECT count(*) - 24 FROM orders WHERE tenant_id = 2)
SELECT id FROM public.orders ORDER BY id
SELECT public.orders.id FROM public.orders ORDER BY id
SELECT id FROM "public"."orders" ORDER BY id
SELECT id FROM U&"\006frders" ORDER BY id
SELECT l.id FROM customers c, LATERAL (SELECT id FROM orders WHERE tenant_id <> c.tenant_id) l
SELECT DISTINCT ON (tenant_id) tenant_id, id FROM orders ORDER BY tenant_id, id
SELECT tenant_id, count(*) FROM orders GROUP BY ROLLUP (tenant_id) ORDER BY 1 NULLS LAST
SELECT array_agg(name ORDER BY id) FROM customers
SELECT ARRAY(SELECT name FROM customers ORDER BY id)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM orders
SELECT * FROM generate_series(1, (SELECT count(*) FROM orders)) g ORDER BY 1
SELECT reltuples FROM pg_class WHERE relname = 'orders'
SELECT n_distinct FROM pg_stats WHERE tablename = 'orders'
SELECT pg_relation_size('orders')
SELECT set_config('app.tenant_id', '2', true)
SELECT * FROM orders TABLESAMPLE BERNOULLI (100)
SELECT 2 = ANY (SELECT tenant_id FROM orders)
SELECT 1 = ALL (SELECT tenant_id FROM orders)
SELECT count(*) FROM orders WHERE tenant_id = ANY (ARRAY[1, 2])
SELECT regexp_replace(name, 'OTHER', 'x') FROM customers ORDER BY id
