/// An energy supplier: readings, tickets, payments and outages.
extension SampleCompany {
  static let energySupplier = SampleCompany(
    name: "energy",
    domain: EnergySupplier.domain,
    tables: EnergySupplier.tables,
    questions: EnergySupplier.questions
  )
}

private enum EnergySupplier {
  /// The domain file.
  static let domain = #"""
    domain: energy
    description: Contracts, meter readings, tickets, payments and field visits of an energy supplier.
    currency: EUR
    database: {engine: sqlite, path: energy.sqlite}
    calendar: {as_of: 2025-11-20, week_start: monday, fiscal_start_month: 10}
    datasets:
      - {name: readings, table: reading, primary_key: reading_id, time: read_on, label: readings}
      - {name: tickets, table: ticket, primary_key: ticket_id, time: opened_on, label: tickets, synonyms: [cases]}
      - {name: payments, table: payment, primary_key: payment_id, time: paid_on, label: payments}
      - {name: outages, table: outage, primary_key: outage_id, time: started_on, label: outages}
      - {name: contract_counts, table: contract_count, time: month_end, label: contract counts, semi_additive:
          {over: month_end, take: last}}
      - {name: plans, table: sales_plan, time: month, label: plans}
      - {name: households, table: household, primary_key: household_id, label: households}
      - {name: districts, table: district, primary_key: district_id, label_column: district_name, label:
          districts}
      - {name: agents, table: agent, primary_key: agent_id, label_column: agent_name, label: agents}
    relationships:
      - {from: readings.household_id, to: households.household_id}
      - {from: payments.household_id, to: households.household_id}
      - {from: tickets.household_id, to: households.household_id}
      - {from: tickets.agent_id, to: agents.agent_id}
      - {from: households.district_id, to: districts.district_id}
      - {from: outages.district_id, to: districts.district_id}
      - {from: contract_counts.district_id, to: districts.district_id}
      - {from: plans.district_id, to: districts.district_id}
    dimensions:
      - {name: district, expr: districts.district_name, synonyms: [borough]}
      - {name: province, expr: districts.province, kind: geo}
      - {name: tariff, expr: households.tariff, synonyms: [price plan, tariff type]}
      - {name: dwelling, expr: households.dwelling, synonyms: [dwelling type, home type], values: {Flat:
          [apartments, apartment], House: [houses]}}
      - {name: energy_kind, expr: readings.kind, synonyms: [kind of energy, energy type], values:
          {Electricity: [power], Gas: [natural gas]}}
      - {name: ticket_subject, expr: tickets.subject, synonyms: [subject, ticket type]}
      - {name: ticket_state, expr: tickets.state, synonyms: [ticket status]}
      - {name: priority, expr: tickets.priority}
      - {name: agent, expr: agents.agent_name, synonyms: [support agent, service rep]}
      - {name: payment_channel, expr: payments.channel, synonyms: [way of paying]}
      - {name: outage_cause, expr: outages.cause, synonyms: [cause of outage]}
    metrics:
      - {name: consumption, dataset: readings, aggregate: sum, expr: kwh, unit: kWh, synonyms: [energy used,
          usage, kilowatt hours, energy consumption]}
      - {name: billed_amount, dataset: readings, aggregate: sum, expr: billed, unit: EUR, good: up, synonyms:
          [billings, revenue, amount billed]}
      - {name: readings, dataset: readings, aggregate: count, synonyms: [number of readings, meter readings]}
      - {name: price_per_kwh, label: Average price per kWh, numerator: billed_amount, denominator:
          consumption, unit: EUR, synonyms: [unit price]}
      - {name: tickets, dataset: tickets, aggregate: count, good: down, synonyms: [number of tickets, support
          requests, cases opened]}
      - {name: resolution_hours, label: Average resolution time, dataset: tickets, aggregate: average, expr:
          hours_to_resolve, unit: hours, good: down, synonyms: [resolution time, time to resolve, handling time]}
      - {name: ticket_satisfaction, label: Ticket satisfaction, dataset: tickets, aggregate: average, expr:
          stars, good: up, synonyms: [satisfaction, stars, satisfaction score]}
      - {name: first_contact_rate, label: First contact resolution, numerator: {dataset: tickets, aggregate:
          sum, expr: solved_at_once}, denominator: tickets, scale: 100, unit: percent, good: up, synonyms: [FCR,
          solved at first contact]}
      - {name: paid_amount, label: Payments received, dataset: payments, aggregate: sum, expr: amount, unit:
          EUR, good: up, synonyms: [payments received, cash collected, amount paid]}
      - {name: payments, dataset: payments, aggregate: count, synonyms: [number of payments]}
      - {name: late_payments, dataset: payments, aggregate: count, filter: "days_late > 0", filter_note: paid
          late, good: down, synonyms: [overdue payments]}
      - {name: late_rate, numerator: late_payments, denominator: payments, scale: 100, unit: percent, good:
          down, synonyms: [late payment rate, share of late payments]}
      - {name: outages, dataset: outages, aggregate: count, good: down, synonyms: [number of outages, power
          cuts, blackouts]}
      - {name: outage_minutes, dataset: outages, aggregate: sum, expr: minutes, unit: minutes, good: down,
          synonyms: [minutes without power, downtime]}
      - {name: contracts, dataset: contract_counts, aggregate: sum, expr: contracts, good: up, synonyms:
          [active contracts, customer base]}
      - {name: planned_revenue, dataset: plans, aggregate: sum, expr: amount, unit: EUR, synonyms: [plan,
          revenue plan]}
    language:
      starters: [Consumption last month, Tickets by subject this year]
      unavailable:
        - {topic: bank details, words: [iban, bank account, credit card number], say: Bank details are not
            connected.}
        - {topic: weather, words: [weather, temperature, temperatures], say: There is no data about the weather.}
    """#

  /// Its tables, filled by arithmetic, so that they are always the same.
  static let tables = #"""
    CREATE TABLE district (district_id INTEGER PRIMARY KEY, district_name TEXT, province TEXT);
    CREATE TABLE household (household_id INTEGER PRIMARY KEY, district_id INTEGER, tariff TEXT, dwelling TEXT);
    CREATE TABLE agent (agent_id INTEGER PRIMARY KEY, agent_name TEXT);
    CREATE TABLE reading (reading_id INTEGER PRIMARY KEY, household_id INTEGER, read_on TEXT, kind TEXT, kwh
      REAL, billed REAL);
    CREATE TABLE ticket (ticket_id INTEGER PRIMARY KEY, household_id INTEGER, agent_id INTEGER, opened_on
      TEXT, subject TEXT, state TEXT, priority TEXT, hours_to_resolve REAL, stars INTEGER, solved_at_once
      INTEGER);
    CREATE TABLE payment (payment_id INTEGER PRIMARY KEY, household_id INTEGER, paid_on TEXT, channel TEXT,
      amount REAL, days_late INTEGER);
    CREATE TABLE outage (outage_id INTEGER PRIMARY KEY, district_id INTEGER, started_on TEXT, cause TEXT,
      minutes INTEGER);
    CREATE TABLE contract_count (month_end TEXT, district_id INTEGER, contracts INTEGER);
    CREATE TABLE sales_plan (month TEXT, district_id INTEGER, amount REAL);
    INSERT INTO district VALUES
      (1,'Oldport','Coast'),(2,'Millfield','Coast'),(3,'Highmoor','Uplands'),(4,'Stonebridge','Uplands'),(5,'Riverside','Plains'),(6,'Eastgate','Plains');
    INSERT INTO agent VALUES (1,'Nora Beck'),(2,'Paul Grant'),(3,'Sofia Marin'),(4,'Tim Osei'),(5,'Vera Lind');
    INSERT INTO household WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100) SELECT i,
      1+i%6, CASE i%3 WHEN 0 THEN 'Basic' WHEN 1 THEN 'Green' ELSE 'Night Saver' END, CASE i%2 WHEN 0 THEN
      'Flat' ELSE 'House' END FROM n;
    INSERT INTO reading WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2400) SELECT i,
      1+i%97, date('2023-01-01','+'||((i*7919)%1054)||' days'), CASE i%2 WHEN 0 THEN 'Electricity' ELSE 'Gas'
      END, 50+(i*37)%400, (50+(i*37)%400)*0.31 FROM n;
    INSERT INTO ticket WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) SELECT i,
      1+i%95, 1+i%5, date('2023-01-01','+'||((i*4001)%1054)||' days'), CASE i%4 WHEN 0 THEN 'Billing' WHEN 1
      THEN 'Moving' WHEN 2 THEN 'Meter' ELSE 'Contract' END, CASE i%9 WHEN 0 THEN 'Open' WHEN 1 THEN 'Pending'
      ELSE 'Closed' END, CASE i%3 WHEN 0 THEN 'High' WHEN 1 THEN 'Normal' ELSE 'Low' END, 1+(i*7)%90, 1+i%5,
      i%4=0 FROM n;
    INSERT INTO payment WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1500) SELECT i,
      1+i%99, date('2023-01-01','+'||((i*6007)%1054)||' days'), CASE i%3 WHEN 0 THEN 'Direct Debit' WHEN 1 THEN
      'Transfer' ELSE 'Cash' END, 20+(i*43)%300, (i*5)%20-15 FROM n;
    INSERT INTO outage WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<160) SELECT i,
      1+i%5, date('2023-01-01','+'||((i*3001)%1054)||' days'), CASE i%3 WHEN 0 THEN 'Storm' WHEN 1 THEN
      'Digging' ELSE 'Overload' END, 5+(i*31)%400 FROM n;
    INSERT INTO contract_count SELECT date('2023-01-01','+'||m||' months','-1 day'), district_id,
      200+district_id*10+m FROM district,(WITH RECURSIVE n(m) AS (SELECT 1 UNION ALL SELECT m+1 FROM n WHERE
      m<34) SELECT m FROM n);
    INSERT INTO sales_plan SELECT date('2023-01-01','+'||m||' months'), district_id, 800+m*5 FROM
      district,(WITH RECURSIVE n(m) AS (SELECT 0 UNION ALL SELECT m+1 FROM n WHERE m<36) SELECT m FROM n);
    """#

  /// Questions, each with the frames or outcomes that are right.
  static let questions = #"""
    How much energy was used last month?
      = consumption; in 2025-10
    what did we bill in the third quarter
      = billed_amount; in 2025-Q3
    support requests opened last week
      = tickets; in 2025-11-10..2025-11-16
    number of blackouts in 2024
      = outages; in 2024
    how many active contracts do we have
      = contracts
    consumption by tariff and dwelling type for 2024
      = consumption; by tariff,dwelling; in 2024
    Show power cuts per province since 2023
      = outages; by province; in 2023-01-01..2025-11-20
    gas consumption by borough, October 2025
      = consumption; by district; energy_kind=Gas; in 2025-10
    electricity usage of apartments in the Coast province in 2024
      = consumption; dwelling=Flat; energy_kind=Electricity; province=Coast; in 2024
    tickets about billing in Q3 2025
      = tickets; ticket_subject=Billing; in 2025-Q3
    high priority tickets by agent this year
      = tickets; by agent; priority=High; in 2025
    which agent closed the most tickets in October
      = refuse
      = tickets; by agent; ticket_state=Closed; in 2025-10; order -tickets; limit 1
    who handled the most tickets last month?
      = refuse
      = tickets; by agent; in 2025-10; order -tickets; limit 1
    five districts with the most outage minutes in 2024
      = outage_minutes; by district; in 2024; order -outage_minutes; limit 5
    least satisfied subject in 2024
      = refuse
    lowest ticket satisfaction by subject in 2024
      = ticket_satisfaction; by ticket_subject; in 2024; order +ticket_satisfaction
      = refuse
    median resolution time per agent in 2025
      = median(resolution_hours); by agent; in 2025
    95th percentile resolution time last quarter
      = p95(resolution_hours); in 2025-Q3
    what's the maximum resolution time in 2024
      = max(resolution_hours); in 2024
    tickets that took longer than 48 hours in October
      = refuse
      = tickets; where resolution_hours>48; in 2025-10
    tickets longer than 48 hours in October
      = tickets; where resolution_hours>48; in 2025-10
    payments over €200 in 2024
      = payments; where paid_amount>200; in 2024
    number of payments of at least 100 euros by channel this year
      = payments; by payment_channel; where paid_amount>=100; in 2025
    outages of more than 120 minutes in 2025
      = outages; where outage_minutes>120; in 2025
    readings above 300 kWh in October
      = readings; where consumption>300; in 2025-10
    readings below 60
      = refuse
    monthly growth in billings for 2025
      = billed_amount; per month; in 2025; vs previous month
    month-over-month change of tickets in 2024
      = tickets; per month; in 2024; vs previous month
    which month had the biggest growth in consumption in 2024
      = consumption; per month; in 2024; vs previous month; order -change(consumption); limit 1
      = refuse
    consumption growth year over year by quarter in 2024
      = consumption; per quarter; in 2024; vs 2023
    running total of billings by month this year
      = billed_amount; per month; in 2025; running
    cumulative outages in 2024 by province
      = outages; by province; per month; in 2024; running
    12-month rolling billings in 2024
      = billed_amount; per month; in 2024; rolling 12
      = billed_amount; per month; in 2024; rolling 12 avg
      = refuse
    4-week moving average of tickets in Q3 2025
      = tickets; per week; in 2025-Q3; rolling 4 avg
    average consumption per household
      = refuse
      = consumption; avg per household
    average monthly consumption in 2024
      = consumption; in 2024; avg per month
    average number of tickets per week in Q3
      = tickets; in 2025-Q3; avg per week
    billed amount per reading in 2024
      = billed_amount/readings; in 2024
    tickets per agent in 2024
      = tickets; by agent; in 2024
    outage minutes per outage by cause in 2024
      = outage_minutes/outages; by outage_cause; in 2024
    cash collected as a percentage of billings in 2024
      = 100*paid_amount/billed_amount; in 2024
    billed minus paid in 2024
      = refuse
      = billed_amount-paid_amount; in 2024
    difference between billings and payments received in 2024 by province
      = billed_amount-paid_amount; by province; in 2024
    ratio of tickets to contracts
      = refuse
    share of green tariff in consumption in 2024
      = consumption; by tariff; tariff=Green; in 2024; share
      = consumption; in 2024; portion tariff=Green
    what percentage of tickets in 2024 were closed?
      = tickets; by ticket_state; ticket_state=Closed; in 2024; share
      = tickets; in 2024; portion ticket_state=Closed
    percentage of high priority tickets by agent in 2024
      = tickets; by agent; in 2024; portion priority=High
    what share of payments came by direct debit in each province this year
      = payments; by province; in 2025; portion payment_channel=Direct Debit
      = refuse
    breakdown of payments by channel in percent, 2024
      = payments; by payment_channel; in 2024; share
    top tariff in each province by consumption in 2024
      = consumption; by province,tariff; in 2024; order -consumption; limit 1 each
    2 worst districts per province by outage minutes 2024
      = outage_minutes; by province,district; in 2024; order -outage_minutes; limit 2 each
    second worst district by number of outages in 2024
      = outages; by district; in 2024; order -outages; limit 1 after 1
    how many districts had more than 5 outages in 2024
      = outages; by district; in 2024; outages>5; counted
    how many agents had tickets in October
      = tickets; by agent; in 2025-10; counted
    districts without any outage in 2024
      = outages; by district; in 2024; none
    which district never had an outage
      = outages; by district; none
      = refuse
    agents with no tickets last week
      = tickets; by agent; in 2025-11-10..2025-11-16; none
    when was the last outage in Oldport
      = last(outages); district=Oldport
    first reading date
      = first(readings)
    is the late payment rate below 30% this year
      = late_rate; in 2025; test late_rate<30
    are billings above plan in 2025
      = refuse
      = billed_amount-planned_revenue; in 2025
      = billed_amount+planned_revenue; in 2025
    billings vs plan by province in fiscal 2025
      = billed_amount+planned_revenue; by province; in 2024-10-01..2025-09-30
    did tickets increase in October?
      = tickets; in 2025-10; vs 2025-09
    compare Coast, Uplands and Plains on consumption in 2024
      = consumption; by province; province=Coast|Plains|Uplands; in 2024
    tickets in October vs September by subject
      = tickets; by ticket_subject; in 2025-10; vs 2025-09
    consumption other than gas in 2024
      = consumption; energy_kind!=Gas; in 2024
    billings in all districts except Eastgate in 2024
      = billed_amount; district!=Eastgate; in 2024
      = billed_amount; by district; district!=Eastgate; in 2024
    tickets not closed
      = tickets; ticket_state!=Closed
    pending or open tickets by priority
      = tickets; by priority; ticket_state=Open|Pending
    tickets by day of the week in 2025
      = tickets; by weekday; in 2025
    payments on Fridays in 2024
      = payments; weekday=Friday; in 2024
    outages on weekends this year
      = outages; weekday=Saturday|Sunday; in 2025
    contracts by province at the end of last quarter
      = contracts; by province; in 2025-09-30
    contracts over time
      = contracts; per month
    FCR trend by month this year
      = first_contact_rate; per month; in 2025
    unit price by tariff, 2025 vs 2024
      = price_per_kwh; by tariff; in 2025-01-01..2025-11-20; vs 2024-01-01..2024-11-20
    consumption last winter
      = refuse
    usage over Christmas 2024
      = refuse
      = consumption; in 2024-12-25
    consumption since the tariff change
      = refuse
    customers who moved in 2024
      = refuse
    churn rate
      = refuse
    solar production
      = refuse
    profit per contract
      = refuse
    smart meter readings
      = refuse
    complaints about agents
      = refuse
    temperature versus consumption
      = refuse
    bank account of household 12
      = refuse
    raise the price of Basic
      = refuse
    why did consumption rise in October
      = investigate
    what explains the fall in satisfaction this year?
      = investigate
    what will consumption be in December
      = refuse
    hello
      = refuse
    tell me everything
      = refuse
    usge by tarif in 2024
      = consumption; by tariff; in 2024
    tikets last moth
      = refuse
      = tickets; in 2025-10
    blackouts by provinces and cause of outage, year to date
      = outages; by province,outage_cause; in 2025-01-01..2025-11-20
    consumption by tariff in 2024 >> just Green
      = consumption; by tariff; tariff=Green; in 2024
    consumption by tariff in 2024 >> what about 2023
      = consumption; by tariff; in 2023
    consumption by tariff in 2024 >> for gas only
      = consumption; by tariff; energy_kind=Gas; in 2024
    tickets in October >> and by agent?
      = tickets; by agent; in 2025-10
    tickets in October >> and by agent? >> top 3
      = tickets; by agent; in 2025-10; order -tickets; limit 3
    tickets in October >> over 24 hours
      = tickets; where resolution_hours>24; in 2025-10
    billings by province in 2024 >> as a share
      = billed_amount; by province; in 2024; share
    billings by province in 2024 >> how did that change from the year before?
      = billed_amount; by province; in 2024; vs 2023
    outages this year >> which district is the worst
      = outages; by district; in 2025; order -outages; limit 1
    billings between 2025-03-01 and 2025-05-31
      = billed_amount; in 2025-03-01..2025-05-31
    tickets in the first ten days of November
      = tickets; in 2025-11-01..2025-11-10
    payments for the 6 months ending September 2025
      = payments; in 2025-04-01..2025-09-30
    tickets in H1
      = tickets; in 2025-01-01..2025-06-30
    cash collected in FY2025 Q4
      = paid_amount; in 2025-Q3
    late payments in the last 3 fiscal quarters
      = late_payments; in 2025-01-01..2025-09-30
    average stars for tickets about moving in 2025
      = ticket_satisfaction; ticket_subject=Moving; in 2025
    """#
}
