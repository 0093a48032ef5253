/// A haulage company: shipments, incidents, fleet and fuel.
extension SampleCompany {
  static let freight = SampleCompany(
    name: "freight",
    domain: Freight.domain,
    tables: Freight.tables,
    questions: Freight.questions
  )
}

private enum Freight {
  /// The domain file.
  static let domain = #"""
    domain: freight
    description: Shipments, incidents, fleet and fuel of a haulage company.
    currency: GBP
    database: {engine: sqlite, path: freight.sqlite}
    calendar: {as_of: 2025-03-12, week_start: monday, fiscal_start_month: 7}
    datasets:
      - {name: shipments, table: shipment, primary_key: shipment_id, time: shipped_on, label: shipments}
      - {name: incidents, table: incident, primary_key: incident_id, time: happened_on, label: incidents}
      - {name: fleet, table: fleet_day, time: day, label: fleet, semi_additive: {over: day, take: last}}
      - {name: fuel, table: fuel_bill, time: month, label: fuel bills}
      - {name: goals, table: monthly_goal, time: month, label: goals}
      - {name: depots, table: depot, primary_key: depot_id, label_column: depot_name, label: depots}
      - {name: customers, table: customer, primary_key: customer_id, label_column: customer_name, label:
          customers}
      - {name: drivers, table: driver, primary_key: driver_id, label_column: driver_name, label: drivers}
    relationships:
      - {from: shipments.depot_id, to: depots.depot_id}
      - {from: shipments.customer_id, to: customers.customer_id}
      - {from: shipments.driver_id, to: drivers.driver_id}
      - {from: incidents.depot_id, to: depots.depot_id}
      - {from: incidents.driver_id, to: drivers.driver_id}
      - {from: fleet.depot_id, to: depots.depot_id}
      - {from: fuel.depot_id, to: depots.depot_id}
      - {from: goals.depot_id, to: depots.depot_id}
    dimensions:
      - {name: depot, expr: depots.depot_name, synonyms: [hub, terminal]}
      - {name: region, expr: depots.region, kind: geo, synonyms: [area]}
      - {name: customer, expr: customers.customer_name, synonyms: [client, shipper]}
      - {name: industry, expr: customers.industry, synonyms: [sector, branch of industry]}
      - {name: driver, expr: drivers.driver_name, synonyms: [trucker]}
      - {name: destination, expr: shipments.destination, kind: geo, synonyms: [destination city, delivery city]}
      - {name: service, expr: shipments.service, synonyms: [service level, product line], values: {Next Day:
          [overnight]}}
      - {name: delivery_status, expr: shipments.status, synonyms: [shipment status]}
      - {name: incident_type, expr: incidents.kind, synonyms: [type of incident, kind of incident]}
      - {name: vehicle_type, expr: fleet.vehicle_type, synonyms: [type of vehicle]}
    metrics:
      - {name: shipments, dataset: shipments, aggregate: count, good: up, synonyms: [number of shipments,
          consignments, deliveries, loads]}
      - {name: freight_revenue, dataset: shipments, aggregate: sum, expr: charge, unit: GBP, good: up,
          synonyms: [revenue, freight charges, billing, turnover]}
      - {name: haulage_cost, label: Haulage cost, dataset: shipments, aggregate: sum, expr: cost, unit: GBP,
          good: down, synonyms: [cost, transport cost, delivery cost, costs]}
      - {name: profit, dataset: shipments, aggregate: sum, expr: charge - cost, unit: GBP, good: up, synonyms:
          [contribution margin in pounds, earnings]}
      - {name: weight, label: Weight carried, dataset: shipments, aggregate: sum, expr: weight_kg, unit: kg,
          good: up, synonyms: [tonnage, kilos, weight shipped, weight carried]}
      - {name: distance, label: Distance driven, dataset: shipments, aggregate: sum, expr: distance_km, unit:
          km, synonyms: [kilometres, kilometers, mileage, distance driven]}
      - {name: on_time_rate, label: On-time rate, numerator: {dataset: shipments, aggregate: count, filter:
          "days_late <= 0"}, denominator: {dataset: shipments, aggregate: count}, scale: 100, unit: percent, good:
          up, synonyms: [punctuality, on time delivery, share delivered on time, on-time percentage]}
      - {name: transit_time, label: Average transit time, dataset: shipments, aggregate: average, expr:
          transit_hours, unit: hours, good: down, synonyms: [transit hours, time in transit, journey time]}
      - {name: active_customers, dataset: shipments, aggregate: count_distinct, expr: customer_id, good: up,
          synonyms: [customers served, clients served]}
      - {name: incidents, dataset: incidents, aggregate: count, good: down, synonyms: [number of incidents,
          accidents, mishaps]}
      - {name: damage_cost, dataset: incidents, aggregate: sum, expr: damage, unit: GBP, good: down, synonyms:
          [damages, damage, cost of incidents, cost of damage]}
      - {name: incident_rate, label: "Incidents per 1,000 shipments", numerator: incidents, denominator:
          shipments, scale: 1000, good: down, synonyms: [accident rate]}
      - {name: vehicles, dataset: fleet, aggregate: sum, expr: vehicles, synonyms: [trucks, fleet size, number
          of vehicles]}
      - {name: fuel_cost, dataset: fuel, aggregate: sum, expr: cost, unit: GBP, good: down, synonyms: [fuel
          spend, diesel cost]}
      - {name: fuel_litres, dataset: fuel, aggregate: sum, expr: litres, unit: litres, good: down, synonyms:
          [fuel used, diesel used, litres of fuel, fuel consumption]}
      - {name: revenue_goal, dataset: goals, aggregate: sum, expr: revenue_goal, unit: GBP, synonyms: [target,
          revenue target, goal]}
    language:
      starters: [Shipments last month, On-time rate by depot, Top 5 customers by revenue]
      unavailable:
        - {topic: driver pay, words: [salary, wages, overtime pay], say: Pay is not connected.}
        - {topic: traffic, words: [traffic jam, congestion], say: Traffic data is not connected.}
    """#

  /// Its tables, filled by arithmetic, so that they are always the same.
  static let tables = #"""
    CREATE TABLE depot (depot_id INTEGER PRIMARY KEY, depot_name TEXT, region TEXT);
    CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, customer_name TEXT, industry TEXT);
    CREATE TABLE driver (driver_id INTEGER PRIMARY KEY, driver_name TEXT);
    CREATE TABLE shipment (shipment_id INTEGER PRIMARY KEY, shipped_on TEXT, depot_id INTEGER, customer_id
      INTEGER, driver_id INTEGER, destination TEXT, service TEXT, status TEXT, weight_kg REAL, distance_km REAL,
      charge REAL, cost REAL, transit_hours REAL, days_late INTEGER);
    CREATE TABLE incident (incident_id INTEGER PRIMARY KEY, happened_on TEXT, depot_id INTEGER, driver_id
      INTEGER, kind TEXT, damage REAL);
    CREATE TABLE fleet_day (day TEXT, depot_id INTEGER, vehicle_type TEXT, vehicles INTEGER);
    CREATE TABLE fuel_bill (month TEXT, depot_id INTEGER, litres REAL, cost REAL);
    CREATE TABLE monthly_goal (month TEXT, depot_id INTEGER, revenue_goal REAL);
    INSERT INTO depot VALUES
      (1,'Leeds','North'),(2,'Hull','North'),(3,'Bristol','South West'),(4,'Exeter','South West'),(5,'Dover','South East'),(6,'Luton','South East'),(7,'Perth','Scotland');
    INSERT INTO customer VALUES
      (1,'Acorn Foods','Food'),(2,'Blue Anchor','Chemicals'),(3,'Castle Paper','Paper'),(4,'Dunmore','Food'),(5,'Elmhurst','Retail'),(6,'Fenwick Tools','Retail'),(7,'Gale & Sons','Chemicals'),(8,'Hartwell','Food'),(9,'Ivory Mills','Paper'),(10,'Jasper','Retail'),(11,'Kestrel','Food'),(12,'Lomond','Retail');
    INSERT INTO driver VALUES
      (1,'Amy Cole'),(2,'Ben Frost'),(3,'Carla Dean'),(4,'Dev Patel'),(5,'Ella Quinn'),(6,'Finn Moss'),(7,'Gita Rao'),(8,'Hugh Lane'),(9,'Iris Vale');
    INSERT INTO shipment WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
     SELECT i, date('2022-07-01', '+' || ((i * 7027) % 986) || ' days'), 1 + (i * 5) % 7, 1 + (i * 7) % 11, 1
       + (i * 11) % 8, CASE (i * 13) % 5 WHEN 0 THEN 'London' WHEN 1 THEN 'Glasgow' WHEN 2 THEN 'Cardiff' WHEN 3
       THEN 'York' ELSE 'Oxford' END,
     CASE (i * 17) % 3 WHEN 0 THEN 'Economy' WHEN 1 THEN 'Next Day' ELSE 'Express' END, CASE WHEN i % 23 = 0
       THEN 'Lost' WHEN i % 17 = 0 THEN 'Refused' ELSE 'Delivered' END, 20 + (i * 37) % 900, 30 + (i * 41) %
       600, 40 + (i * 43) % 700, 25 + (i * 29) % 400, 2 + (i * 7) % 60, (i * 3) % 5 - 3 FROM n;
    INSERT INTO incident WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 180)
     SELECT i, date('2022-07-01', '+' || ((i * 5009) % 986) || ' days'), 1 + (i * 3) % 6, 1 + (i * 5) % 8,
       CASE i % 3 WHEN 0 THEN 'Breakdown' WHEN 1 THEN 'Collision' ELSE 'Theft' END, (i * 97) % 4000 FROM n;
    INSERT INTO fleet_day SELECT date('2022-07-01', '+' || m || ' months', '-1 day'), depot_id, v, 3 +
      (depot_id + m + length(v)) % 9 FROM depot, (SELECT 'Van' v UNION SELECT 'Lorry'), (WITH RECURSIVE n(m) AS
      (SELECT 1 UNION ALL SELECT m + 1 FROM n WHERE m < 32) SELECT m FROM n);
    INSERT INTO fuel_bill SELECT date('2022-07-01', '+' || m || ' months'), depot_id, 300 + (depot_id * 31 + m
      * 17) % 200, (300 + (depot_id * 31 + m * 17) % 200) * 1.4 FROM depot, (WITH RECURSIVE n(m) AS (SELECT 0
      UNION ALL SELECT m + 1 FROM n WHERE m < 32) SELECT m FROM n);
    INSERT INTO monthly_goal SELECT date('2022-07-01', '+' || m || ' months'), depot_id, 3500 + depot_id * 100
      FROM depot, (WITH RECURSIVE n(m) AS (SELECT 0 UNION ALL SELECT m + 1 FROM n WHERE m < 35) SELECT m FROM
      n);
    """#

  /// Questions, each with the frames or outcomes that are right.
  static let questions = #"""
    How many shipments did we handle last month?
      = shipments; in 2025-02
    revenue in the second quarter of 2024
      = freight_revenue; in 2024-Q2
    what did transport cost in 2024
      = haulage_cost; in 2024
    total weight shipped in January 2025
      = weight; in 2025-01
    how many depots are there in the South West?
      = distinct:depot; region=South West
    list our drivers
      = list; by driver
    which depots are in the North
      = list; by depot; region=North
    revenue by depot last quarter
      = freight_revenue; by depot; in 2024-Q4
    on-time rate per service in 2024
      = on_time_rate; by service; in 2024
    incidents by type and region in 2024
      = incidents; by incident_type,region; in 2024
    shipments and revenue by customer for Q4 2024
      = shipments+freight_revenue; by customer; in 2024-Q4
    Top 5 customers by revenue in 2024
      = freight_revenue; by customer; in 2024; order -freight_revenue; limit 5
    which driver had the most incidents last year
      = incidents; by driver; in 2024; order -incidents; limit 1
    worst depot by on time delivery in 2024
      = on_time_rate; by depot; in 2024; order +on_time_rate; limit 1
    the 3 destinations with the longest transit time in 2024
      = transit_time; by destination; in 2024; order -transit_time; limit 3
    fastest service by transit time last year
      = transit_time; by service; in 2024; order +transit_time; limit 1
    shipments per month in 2024
      = shipments; per month; in 2024
    trend of fuel cost over the last 12 months
      = fuel_cost; per month; in 2024-03-01..2025-02-28
    weekly deliveries since the start of the year
      = shipments; per week; in 2025-01-01..2025-03-12
    Leeds vs Hull revenue in 2024
      = freight_revenue; by depot; depot=Hull|Leeds; in 2024
    How does Express compare to Economy on punctuality this year
      = on_time_rate; by service; service=Economy|Express; in 2025
    shipments in February compared to January
      = shipments; in 2025-02; vs 2025-01
    year on year change in revenue for Q4 2024
      = freight_revenue; in 2024-Q4; vs 2023-Q4
    which region's revenue grew fastest in 2024 compared to 2023
      = freight_revenue; by region; in 2024; vs 2023; order -change%(freight_revenue); limit 1
    profit growth by industry 2024 vs 2023
      = profit; by industry; in 2024; vs 2023
    what proportion of shipments went Next Day in 2024
      = shipments; by service; service=Next Day; in 2024; share
      = shipments; in 2024; portion service=Next Day
    share of revenue per sector in 2024
      = freight_revenue; by industry; in 2024; share
    shipments to London by overnight service in 2024
      = shipments; destination=London; service=Next Day; in 2024
    revenue from food and paper customers in 2024
      = freight_revenue; industry=Food|Paper; in 2024
    revenue in Scotland without Acorn Foods in 2024
      = freight_revenue; customer!=Acorn Foods; region=Scotland; in 2024
    depots with more than 100 shipments in 2024 and on-time rate below 70%
      = shipments+on_time_rate; by depot; in 2024; shipments>100; on_time_rate<70
    clients with revenue over £40,000 in 2024
      = freight_revenue; by customer; in 2024; freight_revenue>40000
    shipments heavier than 500 kg in 2024
      = refuse
      = shipments; where weight>500; in 2024
    shipments over 500 kg in 2024
      = shipments; where weight>500; in 2024
    shipments of more than 400 km by depot last year
      = shipments; by depot; where distance>400; in 2024
    shipments that took more than 48 hours in 2024
      = refuse
      = shipments; where transit_time>48; in 2024
    incidents with damage over £2,000 in 2024
      = incidents; where damage_cost>2000; in 2024
    how many incidents under £500 happened last year
      = incidents; where damage_cost<500; in 2024
    number of shipments with a charge above 600 pounds in 2024
      = refuse
      = shipments; where freight_revenue>600; in 2024
    monthly revenue growth in 2024
      = freight_revenue; per month; in 2024; vs previous month
    growth of shipments month over month since January 2024
      = shipments; per month; in 2024-01-01..2025-03-12; vs previous month
    quarter over quarter growth of profit in 2024
      = profit; per quarter; in 2024; vs previous quarter
    median transit time by service in 2024
      = median(transit_time); by service; in 2024
    median weight of shipments in 2024
      = median(weight); in 2024
    90th percentile transit time in 2024
      = p90(transit_time); in 2024
    heaviest shipment in 2024
      = refuse
      = max(weight); in 2024
    highest damage cost of a single incident in 2024
      = refuse
      = max(damage_cost); in 2024
    longest transit time in 2024
      = max(transit_time); in 2024
    running total of revenue by month in fiscal 2025
      = freight_revenue; per month; in 2024-07-01..2025-06-30; running
    cumulative shipments by week since 1 January 2025
      = shipments; per week; in 2025-01-01..2025-03-12; running
    rolling 3 month revenue in 2024
      = freight_revenue; per month; in 2024; rolling 3
    six-month moving average of fuel cost in 2024
      = fuel_cost; per month; in 2024; rolling 6 avg
    average monthly shipments in 2024
      = shipments; in 2024; avg per month
    average revenue per driver in 2024
      = freight_revenue; in 2024; avg per driver
    revenue per shipment in 2024
      = freight_revenue/shipments; in 2024
    cost per kilometre by depot in 2024
      = haulage_cost/distance; by depot; in 2024
    fuel cost per shipment by depot in 2024
      = fuel_cost/shipments; by depot; in 2024
    fuel cost as a share of revenue in 2024
      = 100*fuel_cost/freight_revenue; in 2024
      = refuse
    average weight per shipment in 2024
      = weight/shipments; in 2024
    revenue per kilo by customer in 2024
      = freight_revenue/weight; by customer; in 2024
    top 2 customers in each region by revenue 2024
      = freight_revenue; by region,customer; in 2024; order -freight_revenue; limit 2 each
    top driver per depot by shipments in 2024
      = shipments; by depot,driver; in 2024; order -shipments; limit 1 each
    second largest customer by revenue in 2024
      = freight_revenue; by customer; in 2024; order -freight_revenue; limit 1 after 1
    how many customers had more than 30 shipments in 2024
      = shipments; by customer; in 2024; shipments>30; counted
    how many drivers had incidents in 2024
      = incidents; by driver; in 2024; counted
    drivers with no incidents in 2024
      = incidents; by driver; in 2024; none
    customers without shipments this year
      = shipments; by customer; in 2025; none
    which depots had no incidents last year
      = incidents; by depot; in 2024; none
    when was the last incident in Hull
      = last(incidents); depot=Hull
    when did we have our first shipment
      = first(shipments)
    date of the most recent theft
      = refuse
      = last(incidents); incident_type=Theft
    revenue against target by depot in 2024
      = freight_revenue+revenue_goal; by depot; in 2024
    how far is revenue from the revenue target this year
      = refuse
      = freight_revenue-revenue_goal; in 2025
    revenue as a percentage of target by depot in 2024
      = 100*freight_revenue/revenue_goal; by depot; in 2024
    gap between revenue and target in Q4 2024
      = freight_revenue-revenue_goal; in 2024-Q4
    is the on-time rate over 60% this year?
      = on_time_rate; in 2025; test on_time_rate>60
    did fuel cost rise in February
      = fuel_cost; in 2025-02; vs 2025-01
    are there more incidents this year than last year
      = incidents; in 2025-01-01..2025-03-12; vs 2024-01-01..2024-03-12
    share of next day shipments by region in 2024
      = shipments; by region; in 2024; portion service=Next Day
    percentage of shipments that were lost in 2024
      = shipments; by delivery_status; delivery_status=Lost; in 2024; share
      = shipments; in 2024; portion delivery_status=Lost
    shipments by weekday in 2024
      = shipments; by weekday; in 2024
    busiest weekday for shipments in 2024
      = shipments; by weekday; in 2024; order -shipments; limit 1
      = refuse
    how many trucks do we have
      = vehicles
    vehicles by type and depot
      = vehicles; by vehicle_type,depot
    fleet size at the end of 2024 by region
      = vehicles; by region; in 2024-12-31
    lorries in Leeds
      = vehicles; depot=Leeds; vehicle_type=Lorry
      = refuse
    accidents by trucker in 2024
      = incidents; by driver; in 2024
    earnings by client in 2024
      = profit; by customer; in 2024
    consignments by sector last year
      = shipments; by industry; in 2024
    mileage by hub in 2024
      = distance; by depot; in 2024
    reveue for bristl in 2024
      = freight_revenue; depot=Bristol; in 2024
    shipmnts by desination in 2024
      = shipments; by destination; in 2024
    revenue by terminal manager in 2024
      = refuse
    why are incidents up this year?
      = investigate
    what is behind the fall in on-time rate in February
      = investigate
    what drove the rise in fuel cost in 2024
      = investigate
    show me something
      = refuse
    top performers
      = refuse
    how are things going
      = refuse
    congestion on the M25
      = refuse
    predict shipments for April
      = refuse
    assign driver Amy Cole to Leeds
      = refuse
    revenue by depot in 2024 >> only Next Day
      = freight_revenue; by depot; service=Next Day; in 2024
    revenue by depot in 2024 >> and in 2023?
      = freight_revenue; by depot; in 2023
    top 5 customers by revenue in 2024 >> bottom 5?
      = freight_revenue; by customer; in 2024; order +freight_revenue; limit 5
    shipments last month >> split by service
      = shipments; by service; in 2025-02
    shipments last month >> split by service >> for Leeds
      = shipments; by service; depot=Leeds; in 2025-02
    revenue in 2024 >> now profit
      = profit; in 2024
    revenue in 2024 >> by month >> cumulative
      = freight_revenue; per month; in 2024; running
    incidents in 2024 >> with damage over £1000
      = incidents; where damage_cost>1000; in 2024
    incidents in 2024 >> how many were thefts?
      = incidents; incident_type=Theft; in 2024
    on-time rate in 2024 >> what about Hull?
      = on_time_rate; depot=Hull; in 2024
    empty kilometres
      = refuse
    CO2 emissions by depot
      = refuse
    late shipments in 2024
      = refuse
    shipments delivered before noon
      = refuse
    pallets shipped in 2024
      = refuse
    revenue per employee
      = refuse
    hazardous shipments
      = refuse
    insurance claims in 2024
      = refuse
    shipments since Easter
      = refuse
    revenue over the bank holiday weekend
      = refuse
    revenue for the last 90 days ending yesterday
      = freight_revenue; in 2024-12-12..2025-03-11
    shipments in the third week of January 2025
      = shipments; in 2025-01-15..2025-01-21
    revenue in FY2024
      = freight_revenue; in 2023-07-01..2024-06-30
    profit this fiscal year to date
      = profit; in 2024-07-01..2025-03-12
    shipments in Q2 of fiscal 2025
      = shipments; in 2024-Q4
    shipments last winter
      = refuse
    weight per week in Q1 2025 for Bristol
      = weight; per week; depot=Bristol; in 2025-Q1
    revenue excluding lost shipments in 2024
      = freight_revenue; delivery_status!=Lost; in 2024
    revenue of everyone other than Jasper in 2024
      = freight_revenue; customer!=Jasper; in 2024
    on time rate of drivers with more than 50 shipments in 2024
      = on_time_rate+shipments; by driver; in 2024; shipments>50
      = refuse
    shipments per driver per month in 2024
      = shipments; by driver; per month; in 2024
    average shipments per driver per month in 2024
      = refuse
    """#
}
