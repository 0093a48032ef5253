/// An online shop: orders of several lines, returns, visits, advertising and stock.
extension SampleCompany {
  static let onlineShop = SampleCompany(
    name: "shop",
    domain: OnlineShop.domain,
    tables: OnlineShop.tables,
    questions: OnlineShop.questions
  )
}

private enum OnlineShop {
  /// The domain file.
  static let domain = #"""
    domain: shop
    description: Orders, returns, visits, advertising and stock of an online shop.
    currency: USD
    database: {engine: sqlite, path: shop.sqlite}
    calendar: {as_of: 2025-06-30, week_start: monday, fiscal_start_month: 1}
    datasets:
      - {name: order_lines, table: order_line, primary_key: line_id, time: ordered_on, label: order lines,
          synonyms: [orders]}
      - {name: returns, table: product_return, primary_key: return_id, time: returned_on, label: returns}
      - {name: traffic, table: web_traffic, time: day, label: traffic}
      - {name: ads, table: ad_spend, time: day, label: advertising}
      - {name: stock, table: stock_level, time: counted_on, label: stock, semi_additive: {over: counted_on,
          take: last}}
      - {name: products, table: product, primary_key: product_id, label_column: product_name, label: products}
      - {name: customers, table: customer, primary_key: customer_id, label: customers, label_column:
          customer_code}
    relationships:
      - {from: order_lines.product_id, to: products.product_id}
      - {from: order_lines.customer_id, to: customers.customer_id}
      - {from: returns.product_id, to: products.product_id}
      - {from: returns.customer_id, to: customers.customer_id}
      - {from: stock.product_id, to: products.product_id}
    dimensions:
      - {name: product, expr: products.product_name, synonyms: [item, article]}
      - {name: category, expr: products.category, synonyms: [product category, department]}
      - {name: brand, expr: products.brand, synonyms: [label, make]}
      - {name: customer, expr: customers.customer_code, kind: identifier, synonyms: [client, shopper, buyer]}
      - {name: segment, expr: customers.segment, synonyms: [customer segment, customer type]}
      - {name: state, expr: customers.state, kind: geo, values: {CA: [California], NY: [New York], TX:
          [Texas], OR: [Oregon]}}
      - {name: sales_channel, expr: order_lines.channel, synonyms: [channel, platform], values: {App: [mobile
          app], Marketplace: [marketplaces]}}
      - {name: payment_method, expr: order_lines.payment, synonyms: [payment type, means of payment]}
      - {name: order_status, expr: order_lines.status}
      - {name: return_reason, expr: returns.reason, synonyms: [reason for return, reason]}
      - {name: traffic_source, expr: traffic.source, synonyms: [source of traffic, referrer]}
      - {name: device, expr: traffic.device, synonyms: [device type]}
      - {name: campaign, expr: ads.campaign, synonyms: [ad campaign]}
      - {name: warehouse, expr: stock.warehouse, synonyms: [fulfilment center, fulfillment center]}
    metrics:
      - {name: net_sales, dataset: order_lines, aggregate: sum, expr: amount, filter: "status <> 'Cancelled'",
          filter_note: without cancelled lines, unit: USD, good: up, synonyms: [sales, revenue, turnover, net
          revenue]}
      - {name: units, label: Units sold, dataset: order_lines, aggregate: sum, expr: quantity, filter: "status
          <> 'Cancelled'", filter_note: without cancelled lines, good: up, synonyms: [units sold, items sold,
          pieces sold, volume, quantity]}
      - {name: orders, dataset: order_lines, aggregate: count_distinct, expr: order_id, filter: "status <>
          'Cancelled'", filter_note: without cancelled lines, good: up, synonyms: [number of orders, order count,
          purchases]}
      - {name: gross_profit, dataset: order_lines, aggregate: sum, expr: amount - cost, filter: "status <>
          'Cancelled'", filter_note: without cancelled lines, unit: USD, good: up, synonyms: [profit, gross
          profit]}
      - {name: margin, label: Gross margin, numerator: gross_profit, denominator: net_sales, scale: 100, unit:
          percent, good: up, synonyms: [gross margin, profit margin, margin rate]}
      - {name: average_order_value, numerator: net_sales, denominator: orders, unit: USD, good: up, synonyms:
          [AOV, basket size, average basket, average order]}
      - {name: discount, label: Discounts, dataset: order_lines, aggregate: sum, expr: discount, filter:
          "status <> 'Cancelled'", filter_note: without cancelled lines, unit: USD, good: down, synonyms:
          [discounts, price reductions]}
      - {name: buyers, label: Active customers, dataset: order_lines, aggregate: count_distinct, expr:
          customer_id, filter: "status <> 'Cancelled'", filter_note: without cancelled lines, good: up, synonyms:
          [active customers, paying customers]}
      - {name: delivery_days, label: Average delivery time, dataset: order_lines, aggregate: average, expr:
          delivery_days, filter: "status = 'Delivered'", unit: days, good: down, synonyms: [delivery time,
          shipping time, days to deliver]}
      - {name: returns, dataset: returns, aggregate: count, good: down, synonyms: [number of returns, items
          returned, sent back]}
      - {name: refunds, label: Refunded amount, dataset: returns, aggregate: sum, expr: refund_amount, unit:
          USD, good: down, synonyms: [refund amount, refunded amount, money refunded]}
      - {name: return_rate, numerator: returns, denominator: {dataset: order_lines, aggregate: count, filter:
          "status <> 'Cancelled'"}, scale: 100, unit: percent, good: down, synonyms: [returns rate]}
      - {name: sessions, dataset: traffic, aggregate: sum, expr: sessions, good: up, synonyms: [visits, site
          visits, web visits]}
      - {name: conversion_rate, numerator: orders, denominator: sessions, scale: 100, unit: percent, good: up,
          synonyms: [conversion]}
      - {name: ad_spend, dataset: ads, aggregate: sum, expr: spend, unit: USD, good: down, synonyms:
          [advertising cost, marketing spend, advertising spend]}
      - {name: clicks, dataset: ads, aggregate: sum, expr: clicks, good: up, synonyms: [ad clicks]}
      - {name: stock_units, dataset: stock, aggregate: sum, expr: units, synonyms: [stock, units in stock,
          inventory, stock on hand]}
      - {name: stock_value, dataset: stock, aggregate: sum, expr: value, unit: USD, synonyms: [inventory
          value, value of stock]}
    language:
      starters: [Sales last month, Top 10 products by units this year, Conversion rate by month]
      clarify:
        - {word: growth rate of the shop, options: [net_sales, orders]}
      unavailable:
        - {topic: personal data, words: [name of customer, customer names, phone number, email, address], say:
            Personal data of customers is not connected.}
        - {topic: suppliers, words: [supplier, suppliers, vendor, vendors], say: Supplier data is not connected.}
        - {topic: weather, words: [weather, rain], say: There is no data about the weather.}
    """#

  /// Its tables, filled by arithmetic, so that they are always the same.
  static let tables = #"""
    CREATE TABLE product (product_id INTEGER PRIMARY KEY, product_name TEXT, category TEXT, brand TEXT);
    CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, customer_code TEXT, segment TEXT, state TEXT);
    CREATE TABLE order_line (line_id INTEGER PRIMARY KEY, order_id INTEGER, ordered_on TEXT, product_id
      INTEGER, customer_id INTEGER, channel TEXT, payment TEXT, status TEXT, quantity INTEGER, amount REAL, cost
      REAL, discount REAL, delivery_days INTEGER);
    CREATE TABLE product_return (return_id INTEGER PRIMARY KEY, returned_on TEXT, product_id INTEGER,
      customer_id INTEGER, reason TEXT, refund_amount REAL);
    CREATE TABLE web_traffic (day TEXT, source TEXT, device TEXT, sessions INTEGER);
    CREATE TABLE ad_spend (day TEXT, campaign TEXT, spend REAL, clicks INTEGER);
    CREATE TABLE stock_level (counted_on TEXT, product_id INTEGER, warehouse TEXT, units INTEGER, value REAL);
    INSERT INTO product VALUES
      (1,'Trail Runner','Shoes','Peak'),(2,'City Sneaker','Shoes','Urbano'),(3,'Rain Jacket','Outerwear','Peak'),(4,'Down Parka','Outerwear','Nordvik'),
     (5,'Wool Socks','Accessories','Nordvik'),(6,'Leather Belt','Accessories','Urbano'),(7,'Yoga Mat','Fitness','Balance'),(8,'Kettlebell','Fitness','Balance'),(9,'Jump Rope','Fitness','Balance'),(10,'Sun Hat','Accessories','Peak'),(11,'Ski Goggles','Accessories','Nordvik');
    INSERT INTO customer WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)
     SELECT i, 'C-' || (1000 + i), CASE i % 3 WHEN 0 THEN 'Consumer' WHEN 1 THEN 'Small Business' ELSE
       'Enterprise' END, CASE i % 4 WHEN 0 THEN 'CA' WHEN 1 THEN 'NY' WHEN 2 THEN 'TX' ELSE 'OR' END FROM n;
    INSERT INTO order_line WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2600)
     SELECT i, (i + 1) / 2, date('2023-01-01', '+' || (((i + 1) / 2 * 6113) % 912) || ' days'), 1 + (i * 7) %
       10, 1 + ((i + 1) / 2 * 31) % 88,
     CASE ((i + 1) / 2 * 3) % 4 WHEN 0 THEN 'Web' WHEN 1 THEN 'App' WHEN 2 THEN 'Marketplace' ELSE 'Web' END,
       CASE (i * 5) % 3 WHEN 0 THEN 'Card' WHEN 1 THEN 'PayPal' ELSE 'Invoice' END,
     CASE WHEN i % 13 = 0 THEN 'Cancelled' WHEN i % 7 = 0 THEN 'Shipped' ELSE 'Delivered' END, 1 + (i * 11) %
       5, (1 + (i * 11) % 5) * (12 + (i * 17) % 140), (1 + (i * 11) % 5) * (7 + (i * 17) % 80), (i * 3) % 21, 1
       + (i * 5) % 9 FROM n;
    INSERT INTO product_return WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 260)
     SELECT i, date('2023-01-10', '+' || ((i * 4001) % 900) || ' days'), 1 + (i * 3) % 9, 1 + (i * 7) % 88,
       CASE i % 4 WHEN 0 THEN 'Too small' WHEN 1 THEN 'Damaged' WHEN 2 THEN 'Wrong item' ELSE 'Changed mind'
       END, 10 + (i * 29) % 300 FROM n;
    INSERT INTO web_traffic WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 911)
     SELECT date('2023-01-01', '+' || i || ' days'), s, d, 20 + (i * 7 + length(s) * 3 + length(d)) % 60 FROM
       n, (SELECT 'Search' s UNION SELECT 'Social' UNION SELECT 'Newsletter'), (SELECT 'Desktop' d UNION SELECT
       'Phone');
    INSERT INTO ad_spend WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 911)
     SELECT date('2023-01-01', '+' || i || ' days'), c, 5 + (i * 3 + length(c)) % 40, 10 + (i * 5 + length(c))
       % 90 FROM n, (SELECT 'Spring Sale' c UNION SELECT 'Retargeting');
    INSERT INTO stock_level SELECT date('2023-01-01', '+' || m || ' months', '-1 day'), product_id, w, 20 +
      (product_id * 13 + m * 7 + length(w)) % 80, (20 + (product_id * 13 + m * 7 + length(w)) % 80) * 11.5
     FROM product, (SELECT 'Reno' w UNION SELECT 'Dallas'), (WITH RECURSIVE n(m) AS (SELECT 1 UNION ALL SELECT
       m + 1 FROM n WHERE m < 30) SELECT m FROM n);
    """#

  /// Questions, each with the frames or outcomes that are right.
  static let questions = #"""
    What were our sales last month?
      = net_sales; in 2025-05
    how many orders did we get in May 2025
      = orders; in 2025-05
    units sold in 2024
      = units; in 2024
    total discounts given in the last 30 days
      = discount; in 2025-05-31..2025-06-29
    How many products do we carry?
      = distinct:product
    how many brands are in the Fitness category
      = distinct:brand; category=Fitness
    net sales by category in 2024
      = net_sales; by category; in 2024
    margin per brand ytd
      = margin; by brand; in 2025-01-01..2025-06-30
    orders by state and channel in Q1 2025
      = orders; by state,sales_channel; in 2025-Q1
    refunds by reason this year
      = refunds; by return_reason; in 2025
    Top 5 products by units this year
      = units; by product; in 2025; order -units; limit 5
    which 3 products had the highest returns in 2024
      = returns; by product; in 2024; order -returns; limit 3
    worst brand by margin last year
      = margin; by brand; in 2024; order +margin; limit 1
    best customer by sales in 2024
      = net_sales; by customer; in 2024; order -net_sales; limit 1
    monthly sales trend 2024
      = net_sales; per month; in 2024
    conversion rate by month for the last 6 months
      = conversion_rate; per month; in 2024-12-01..2025-05-31
    show weekly orders for the last 8 weeks
      = orders; per week; in 2025-05-05..2025-06-29
    daily sessions in May
      = sessions; per day; in 2025-05
    Compare sales of Peak vs Nordvik in 2024
      = net_sales; by brand; brand=Nordvik|Peak; in 2024
    app versus web orders this year
      = orders; by sales_channel; sales_channel=App|Web; in 2025
    sales in May 2025 vs May 2024
      = net_sales; in 2025-05; vs 2024-05
    YoY growth of orders in Q2 2025
      = orders; in 2025-Q2; vs 2024-Q2
    sales growth by category 2024 over 2023
      = net_sales; by category; in 2024; vs 2023
    which brand declined the most in units in 2024 vs 2023
      = units; by brand; in 2024; vs 2023; order +change(units); limit 1
    what share of sales comes from California this year
      = net_sales; by state; state=CA; in 2025; share
      = net_sales; in 2025; portion state=CA
    share of orders by payment method in 2024
      = orders; by payment_method; in 2024; share
    AOV by segment in 2024
      = average_order_value; by segment; in 2024
    return rate by product in the last 12 months
      = return_rate; by product; in 2024-06-01..2025-05-31
    sales of outerwear to enterprise customers in Q4 2024
      = net_sales; category=Outerwear; segment=Enterprise; in 2024-Q4
    sales in Texas and Oregon excluding marketplace in 2024
      = net_sales; sales_channel!=Marketplace; state=OR|TX; in 2024
    products with more than 100 units sold and margin under 40% in 2024
      = units+margin; by product; in 2024; units>100; margin<40
    customers who spent over $5,000 in 2024
      = net_sales; by customer; in 2024; net_sales>5000
      = refuse
    which categories sold fewer than 300 units in Q1
      = units; by category; in 2025-Q1; units<300
    orders over $400 in May 2025
      = refuse
      = orders; where net_sales>400; in 2025-05
    returns with a refund above 200 dollars this year
      = returns; where refunds>200; in 2025
    how many returns over $250 were there in 2024
      = returns; where refunds>250; in 2024
    deliveries that took more than 7 days
      = refuse
    month over month growth of sales in 2024
      = net_sales; per month; in 2024; vs previous month
    MoM orders growth by month in 2025
      = orders; per month; in 2025; vs previous month
    weekly growth in sessions in Q1 2025
      = sessions; per week; in 2025-Q1; vs previous week
    median delivery time in 2024
      = median(delivery_days); in 2024
    95th percentile of delivery time by channel this year
      = p95(delivery_days); by sales_channel; in 2025
    median refund by reason in 2024
      = median(refunds); by return_reason; in 2024
    largest refund in 2024
      = max(refunds); in 2024
    smallest and largest refund
      = refuse
    cumulative sales by month this year
      = net_sales; per month; in 2025; running
    running total of ad spend by week in Q2 2025
      = ad_spend; per week; in 2025-Q2; running
    year-to-date cumulative orders by month
      = refuse
      = orders; per month; in 2025-01-01..2025-06-30; running
    7-day rolling average of sessions in May 2025
      = sessions; per day; in 2025-05; rolling 7 avg
    three month moving average of units in 2024
      = units; per month; in 2024; rolling 3 avg
    average daily sessions in May
      = sessions; in 2025-05; avg per day
    average weekly orders this year
      = orders; in 2025; avg per week
    average sales per customer in 2024
      = net_sales; in 2024; avg per customer
    sales per session in 2024
      = net_sales/sessions; in 2024
    ad spend per order in 2024
      = ad_spend/orders; in 2024
    ad spend as % of sales by month in 2024
      = 100*ad_spend/net_sales; per month; in 2024
    units per order by channel in 2024
      = units/orders; by sales_channel; in 2024
    cost per click by campaign in 2024
      = ad_spend/clicks; by campaign; in 2024
      = refuse
    top 2 products per category by sales in 2024
      = net_sales; by category,product; in 2024; order -net_sales; limit 2 each
    best selling product in each category in 2024
      = units; by category,product; in 2024; order -units; limit 1 each
      = net_sales; by category,product; in 2024; order -net_sales; limit 1 each
      = refuse
    third best brand by sales in 2024
      = net_sales; by brand; in 2024; order -net_sales; limit 1 after 2
    how many customers bought more than 20 units in 2024
      = units; by customer; in 2024; units>20; counted
    how many products had returns in Q1 2025
      = returns; by product; in 2025-Q1; counted
    products with no sales in 2025
      = net_sales; by product; in 2025; none
    which products were never returned
      = refuse
      = returns; by product; none
    customers without orders in 2024
      = orders; by customer; in 2024; none
    when was the last order
      = last(orders)
    first order date of customer C-1005
      = first(orders); customer=C-1005
    latest return by product
      = refuse
      = last(returns); by product
    is our margin above 40% this year?
      = margin; in 2025; test margin>40
    did sales fall in May
      = net_sales; in 2025-05; vs 2025-04
    did we have more orders in May than in April 2025
      = orders; in 2025-05; vs 2025-04
    share of returns that were damaged by category in 2024
      = returns; by category; in 2024; portion return_reason=Damaged
      = refuse
    what percentage of app orders were paid with PayPal in 2024
      = refuse
      = orders; sales_channel=App; in 2024; portion payment_method=PayPal
    orders by day of week in 2024
      = orders; by weekday; in 2024
    on which weekday do we sell the most units
      = units; by weekday; order -units; limit 1
      = refuse
    units in stock by warehouse
      = stock_units; by warehouse
    how much stock did we have at the end of March 2025
      = stock_units; in 2025-03-31
    inventory value by category right now
      = stock_value; by category
    stock in Reno by product at end of 2024
      = stock_units; by product; warehouse=Reno; in 2024-12-31
    sessions by device and source last week
      = sessions; by device,traffic_source; in 2025-06-23..2025-06-29
    visits from newsletter in June
      = sessions; traffic_source=Newsletter; in 2025-06
    clicks for Spring Sale vs Retargeting in Q1 2025
      = clicks; by campaign; campaign=Retargeting|Spring Sale; in 2025-Q1
    purchases by shopper type last year
      = orders; by segment; in 2024
      = refuse
    turnover by product line in 2024
      = refuse
    totl sales by categry lst month
      = net_sales; by category; in 2025-05
    avg basket by chanel in 24
      = average_order_value; by sales_channel; in 2024
    client with the highest turnover in 2024
      = net_sales; by customer; in 2024; order -net_sales; limit 1
    sneaker sales in 2024
      = net_sales; product=City Sneaker; in 2024
    sales of the Rain Jacket by month 2024
      = net_sales; per month; product=Rain Jacket; in 2024
    why did conversion drop in June?
      = investigate
    what caused the increase in returns this year
      = investigate
    give me an overview
      = refuse
    compare it with the other one
      = refuse
    and last month?
      = refuse
    sales forecast for July
      = refuse
    which supplier delivers the best quality
      = refuse
    cancel order 4711
      = refuse
    will it rain tomorrow
      = refuse
    email addresses of our best customers
      = refuse
    sales by category in 2024 >> only for Peak
      = net_sales; by category; brand=Peak; in 2024
    sales by category in 2024 >> and 2023?
      = net_sales; by category; in 2023
    top 5 products by sales in 2024 >> same but by units
      = units; by product; in 2024; order -units; limit 5
    orders last month >> by channel
      = orders; by sales_channel; in 2025-05
    orders last month >> by channel >> just the app
      = orders; by sales_channel; sales_channel=App; in 2025-05
    orders last month >> compared to the same month last year
      = orders; in 2025-05; vs 2024-05
    sales in 2024 >> what about returns
      = returns; in 2024
    sales in 2024 >> per quarter
      = net_sales; per quarter; in 2024
    margin by brand in 2024 >> which is the worst
      = margin; by brand; in 2024; order +margin; limit 1
    sales by brand in 2024 >> exclude Balance
      = net_sales; by brand; brand!=Balance; in 2024
    lifetime value of customers
      = refuse
    new customers in May
      = refuse
    repeat purchase rate
      = refuse
    sales since the website relaunch
      = refuse
    sales before Christmas 2024
      = refuse
      = net_sales; in ..2024-12-24
    gift card sales
      = refuse
    women's shoes sales in 2024
      = refuse
    price of the Yoga Mat
      = refuse
    sales in Canada
      = refuse
    cost per order
      = refuse
    profit after advertising in 2024
      = refuse
      = gross_profit-ad_spend; in 2024
    gross profit minus ad spend in 2024
      = gross_profit-ad_spend; in 2024
    difference between units and returns by product in 2024
      = units-returns; by product; in 2024
      = refuse
    orders between 10 and 20 May 2025
      = orders; in 2025-05-10..2025-05-20
    sales from 2024-03-01 to 2024-03-15
      = net_sales; in 2024-03-01..2024-03-15
    sales in the first week of May 2025
      = net_sales; in 2025-05-01..2025-05-07
    sales in the 3 months before last
      = refuse
    units sold on Mondays in 2024
      = units; weekday=Monday; in 2024
      = refuse
    sales on 4 July 2024
      = net_sales; in 2024-07-04
    sales on 05/06/2025
      = refuse
      = net_sales; in 2025-05-06
    """#
}
