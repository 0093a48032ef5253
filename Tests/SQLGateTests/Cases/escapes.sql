SELECT count(*) FROM orders
SELECT id FROM orders WHERE tenant_id = 2
SELECT id FROM orders WHERE tenant_id <> 1
SELECT id FROM orders WHERE tenant_id = 1 OR 1 = 1
SELECT id FROM orders WHERE NOT (tenant_id = 1)
SELECT id FROM orders WHERE (tenant_id = 1) IS NOT NULL
SELECT id FROM orders WHERE tenant_id IN (SELECT 2)
SELECT id FROM orders WHERE tenant_id BETWEEN 0 AND 99
SELECT id FROM orders WHERE 'tenant_id = 1' <> ''
SELECT id FROM orders -- WHERE tenant_id = 1
SELECT id FROM orders /* WHERE tenant_id = 1 */
SELECT max(id), min(id), sum(id), avg(id) FROM orders
SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id
SELECT DISTINCT tenant_id FROM lines
SELECT count(DISTINCT tenant_id) FROM visits
SELECT name FROM customers WHERE id = 1001
SELECT name FROM customers ORDER BY tenant_id DESC, id LIMIT 3
SELECT id FROM orders UNION SELECT id FROM orders WHERE tenant_id = 2
SELECT id FROM orders WHERE tenant_id = 1 UNION ALL SELECT id FROM orders
SELECT id FROM orders EXCEPT SELECT id FROM orders WHERE tenant_id = 1
SELECT id FROM orders INTERSECT SELECT id FROM orders WHERE tenant_id = 2
SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.tenant_id = 1
SELECT b.id FROM orders a JOIN orders b ON b.tenant_id <> a.tenant_id
SELECT b.id FROM orders a LEFT JOIN orders b ON b.tenant_id = 2
SELECT b.id FROM (SELECT * FROM orders WHERE tenant_id = 1) a RIGHT JOIN orders b ON b.id = a.id
SELECT a.id, b.id FROM orders a FULL JOIN lines b ON a.id = b.order_id AND a.tenant_id = 1
SELECT count(*) FROM orders a CROSS JOIN customers b
SELECT count(*) FROM customers NATURAL JOIN countries
SELECT count(*) FROM orders a JOIN orders b USING (tenant_id) WHERE a.id < 3
SELECT (SELECT count(*) FROM orders WHERE tenant_id = 2) AS n
SELECT (SELECT max(name) FROM customers) AS n
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.tenant_id = 2)
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE tenant_id = 2)
SELECT status, count(*) FROM orders GROUP BY status HAVING count(*) < (SELECT count(*) FROM orders WHERE tenant_id = 2)
SELECT id FROM orders ORDER BY (SELECT count(*) FROM orders WHERE tenant_id = 2), id LIMIT 2
SELECT id FROM orders ORDER BY id LIMIT (SELECT count(*) FROM orders WHERE tenant_id = 2)
SELECT id, count(*) OVER () FROM orders ORDER BY id LIMIT 1
SELECT id, sum(id) OVER (PARTITION BY tenant_id) FROM orders ORDER BY id LIMIT 1
SELECT rank() OVER (ORDER BY tenant_id) FROM orders
SELECT sum(id) FILTER (WHERE tenant_id = 2) FROM orders
SELECT CASE WHEN EXISTS (SELECT 1 FROM orders WHERE tenant_id = 2) THEN 'yes' ELSE 'no' END
SELECT count(*) FROM (SELECT 1 AS tenant_id, id FROM orders) x WHERE tenant_id = 1
SELECT id FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM orders) a) b) c
WITH x AS (SELECT * FROM orders) SELECT count(*) FROM x
WITH x AS (SELECT * FROM orders), y AS (SELECT * FROM x UNION ALL SELECT * FROM orders) SELECT count(*) FROM y
WITH orders AS (SELECT 1 AS id) SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM customers)
SELECT (WITH customers AS (SELECT 1 AS tenant_id) SELECT count(*) FROM customers) AS a, (SELECT count(*) FROM customers) AS b
WITH a AS (WITH orders AS (SELECT 1 AS id) SELECT * FROM orders) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM orders)
WITH b AS (SELECT count(*) AS n FROM orders), orders AS (SELECT 1) SELECT n FROM b
WITH orders2 AS (SELECT * FROM orders) SELECT max(id) FROM orders2
WITH RECURSIVE chain AS (SELECT id, boss_id FROM staff WHERE id = 1001 UNION ALL SELECT s.id, s.boss_id FROM staff s JOIN chain c ON s.boss_id = c.id) SELECT count(*) FROM chain
SELECT "customers"."name" FROM "customers" ORDER BY 1
SELECT CUSTOMERS.NAME FROM Customers ORDER BY 1
SELECT count(*) FROM orders AS countries
SELECT customers.id FROM orders AS customers ORDER BY 1
SELECT id FROM orders AS tenant_id WHERE tenant_id = 1 ORDER BY id
SELECT n FROM monthly ORDER BY month
SELECT sum(n) FROM monthly WHERE tenant_id = 2
SELECT count(*) FROM all_orders
SELECT count(*) FROM vault
SELECT code FROM countries ORDER BY 1
SELECT count(*) FROM orders WHERE 1 / (tenant_id - 2) < 0
SELECT count(*) FROM orders WHERE 10 / (tenant_id - 2) IS NOT NULL AND id > 0
SELECT abs(id) FROM orders WHERE tenant_id = 2
SELECT lower(name) FROM customers WHERE name = 'OTHER 1'
SELECT max(coupon) FROM orders WHERE coupon LIKE 'OTHER%'
VALUES ((SELECT count(*) FROM orders))
