SELECT [name] FROM [main].[customers] ORDER BY 1
SELECT `name` FROM `customers` ORDER BY 1
SELECT name FROM 'customers' ORDER BY 1
SELECT main.customers.name FROM main.customers ORDER BY 1
SELECT tenant_id, name, max(id) FROM customers
SELECT group_concat(name) FROM (SELECT name FROM customers ORDER BY id)
SELECT json_group_array(name) FROM (SELECT name FROM customers ORDER BY id)
SELECT count(*) FROM customers WHERE json_extract(name, '$.a') IS NULL
SELECT id FROM orders WHERE tenant_id IS 2
SELECT id FROM orders WHERE tenant_id IS NOT 1
SELECT id FROM orders WHERE tenant_id GLOB '*'
SELECT count(*) FROM (customers)
SELECT count(*) FROM customers INDEXED BY nothing
SELECT rowid FROM customers
SELECT t.value FROM customers c, json_each('["' || c.name || '"]') t ORDER BY 1
SELECT total(id) FROM orders
WITH customers AS (SELECT * FROM main.customers) SELECT count(*) FROM customers
