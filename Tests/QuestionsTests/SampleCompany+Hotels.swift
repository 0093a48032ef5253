/// A chain of hotels: stays against capacity, reviews, staff and budgets.
extension SampleCompany {
  static let hotels = SampleCompany(
    name: "hotels",
    domain: Hotels.domain,
    tables: Hotels.tables,
    questions: Hotels.questions
  )
}

private enum Hotels {
  /// The domain file.
  static let domain = #"""
    domain: hotels
    description: Stays, reviews, staffing and budgets of a chain of hotels.
    currency: EUR
    database: {engine: sqlite, path: hotels.sqlite}
    calendar: {as_of: 2025-10-15, week_start: monday, fiscal_start_month: 4}
    datasets:
      - {name: stays, table: stay, primary_key: stay_id, time: arrival, label: stays, synonyms: [booking,
          bookings, reservations]}
      - {name: capacity, table: capacity, time: month, label: capacity}
      - {name: reviews, table: review, primary_key: review_id, time: written_on, label: reviews}
      - {name: shifts, table: shift, time: worked_on, label: shifts}
      - {name: budgets, table: budget, time: month, label: budgets}
      - {name: hotels, table: hotel, primary_key: hotel_id, label_column: hotel_name, label: hotels}
      - {name: guests, table: guest, primary_key: guest_id, label: guests}
    relationships:
      - {from: stays.hotel_id, to: hotels.hotel_id}
      - {from: stays.guest_id, to: guests.guest_id}
      - {from: capacity.hotel_id, to: hotels.hotel_id}
      - {from: reviews.hotel_id, to: hotels.hotel_id}
      - {from: shifts.hotel_id, to: hotels.hotel_id}
      - {from: budgets.hotel_id, to: hotels.hotel_id}
    dimensions:
      - {name: hotel, expr: hotels.hotel_name, synonyms: [property, house]}
      - {name: city, expr: hotels.city, kind: geo, synonyms: [town, location]}
      - {name: country, expr: hotels.country, kind: geo, synonyms: [nation], values: {Germany: [German],
          Spain: [Spanish], Italy: [Italian]}}
      - {name: hotel_brand, expr: hotels.brand, synonyms: [brand]}
      - {name: room_type, expr: stays.room_type, synonyms: [room category, type of room]}
      - {name: booking_channel, expr: stays.channel, synonyms: [channel, booking source], values: {OTA:
          [online travel agency, travel agencies]}}
      - {name: rate_plan, expr: stays.rate_plan, synonyms: [rate]}
      - {name: stay_status, expr: stays.status, synonyms: [booking status]}
      - {name: loyalty_tier, expr: guests.loyalty, synonyms: [loyalty level, membership]}
      - {name: guest_country, expr: guests.home_country, kind: geo, label: guest country, synonyms: [country
          of origin, nationality, source market]}
      - {name: review_topic, expr: reviews.topic, synonyms: [topic, subject of review]}
      - {name: department, expr: shifts.department, synonyms: [team, staff group]}
    metrics:
      - {name: room_revenue, dataset: stays, aggregate: sum, expr: room_amount, filter: "status =
          'Completed'", filter_note: completed stays, unit: EUR, good: up, synonyms: [revenue, income, lodging
          revenue]}
      - {name: extras_revenue, dataset: stays, aggregate: sum, expr: extras_amount, filter: "status =
          'Completed'", filter_note: completed stays, unit: EUR, good: up, synonyms: [extras, ancillary revenue,
          additional sales]}
      - {name: nights, label: Nights sold, dataset: stays, aggregate: sum, expr: nights, filter: "status =
          'Completed'", filter_note: completed stays, unit: nights, good: up, synonyms: [room nights, overnight
          stays, nights booked]}
      - {name: stays, dataset: stays, aggregate: count, filter: "status = 'Completed'", filter_note: completed
          stays, good: up, synonyms: [bookings, reservations, number of bookings, number of stays]}
      - {name: guests, label: Different guests, dataset: stays, aggregate: count_distinct, expr: guest_id,
          filter: "status = 'Completed'", filter_note: completed stays, good: up, synonyms: [unique guests, number
          of guests, visitors]}
      - {name: average_daily_rate, label: Average daily rate, numerator: room_revenue, denominator: nights,
          unit: EUR, good: up, synonyms: [ADR, room rate, average room rate]}
      - {name: available_nights, dataset: capacity, aggregate: sum, expr: room_nights, synonyms: [room
          capacity, nights available]}
      - {name: occupancy, label: Occupancy, numerator: nights, denominator: available_nights, scale: 100,
          unit: percent, good: up, synonyms: [occupancy rate, utilisation]}
      - {name: revpar, label: RevPAR, numerator: room_revenue, denominator: available_nights, unit: EUR, good:
          up, synonyms: [revenue per available room]}
      - {name: cancellation_rate, numerator: {dataset: stays, aggregate: count, filter: "status =
          'Cancelled'"}, denominator: {dataset: stays, aggregate: count}, scale: 100, unit: percent, good: down,
          synonyms: [cancellations rate, share of cancellations]}
      - {name: lead_time, label: Average lead time, dataset: stays, aggregate: average, expr: lead_days,
          filter: "status = 'Completed'", unit: days, synonyms: [booking window, lead days]}
      - {name: length_of_stay, label: Average length of stay, dataset: stays, aggregate: average, expr:
          nights, filter: "status = 'Completed'", unit: nights, synonyms: [average stay, stay length]}
      - {name: reviews, dataset: reviews, aggregate: count, synonyms: [number of reviews, ratings received]}
      - {name: review_score, label: Review score, dataset: reviews, aggregate: average, expr: score, good: up,
          synonyms: [rating, guest rating, satisfaction, average score]}
      - {name: staff_hours, dataset: shifts, aggregate: sum, expr: hours, unit: hours, synonyms: [hours
          worked, working hours]}
      - {name: staff_cost, dataset: shifts, aggregate: sum, expr: cost, unit: EUR, good: down, synonyms:
          [labor cost, labour cost, personnel cost]}
      - {name: budget, label: Budgeted revenue, dataset: budgets, aggregate: sum, expr: amount, unit: EUR,
          synonyms: [plan, budgeted revenue, planned revenue]}
      - {name: budget_attainment, numerator: room_revenue, denominator: budget, scale: 100, unit: percent,
          good: up, synonyms: [attainment, revenue vs budget, budget achievement]}
    filters:
      - {name: weekend_arrivals, dataset: stays, expr: "strftime('%w', arrival) IN ('5','6')", label: arrivals
          on Friday or Saturday, synonyms: [weekend stays, weekend arrivals]}
    language:
      starters: [Revenue by hotel last month, Occupancy this year, Top 5 hotels by review score]
      defaults: {busiest: nights}
      clarify:
        - {word: performance, options: [room_revenue, occupancy, review_score]}
      unavailable:
        - {topic: salaries of people, words: [salary, salaries, wage, wages, bonus], say: What single people
            earn is not connected.}
        - {topic: competitors, words: [competitor, competitors, competing hotels], say: There is no data about
            competitors.}
        - {topic: guest identities, words: [guest name, guest names, passport, email address], say: Names of
            guests are not connected.}
    """#

  /// Its tables, filled by arithmetic, so that they are always the same.
  static let tables = #"""
    CREATE TABLE hotel (hotel_id INTEGER PRIMARY KEY, hotel_name TEXT, city TEXT, country TEXT, brand TEXT);
    CREATE TABLE guest (guest_id INTEGER PRIMARY KEY, loyalty TEXT, home_country TEXT);
    CREATE TABLE stay (stay_id INTEGER PRIMARY KEY, hotel_id INTEGER, guest_id INTEGER, arrival TEXT, nights
      INTEGER, room_type TEXT, channel TEXT, rate_plan TEXT, status TEXT, room_amount REAL, extras_amount REAL,
      lead_days INTEGER);
    CREATE TABLE capacity (hotel_id INTEGER, month TEXT, room_nights INTEGER);
    CREATE TABLE review (review_id INTEGER PRIMARY KEY, hotel_id INTEGER, written_on TEXT, topic TEXT, score
      INTEGER);
    CREATE TABLE shift (hotel_id INTEGER, worked_on TEXT, department TEXT, hours REAL, cost REAL);
    CREATE TABLE budget (hotel_id INTEGER, month TEXT, amount REAL);
    INSERT INTO hotel VALUES
      (1,'Grand Marlow','Berlin','Germany','Marlow Classic'),(2,'Marlow Airport','Berlin','Germany','Marlow Go'),
     (3,'Harbour View','Hamburg','Germany','Marlow Classic'),(4,'Casa Azul','Valencia','Spain','Azul'),(5,'Playa Serena','Malaga','Spain','Azul'),
     (6,'Villa Rosa','Florence','Italy','Marlow Classic'),(7,'Porto Nuovo','Genoa','Italy','Marlow Go'),(8,'Alpine Lodge','Munich','Germany','Azul'),(9,'Old Mill','Leipzig','Germany','Marlow Go');
    INSERT INTO guest WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
     SELECT i, CASE i % 5 WHEN 0 THEN 'Gold' WHEN 1 THEN 'Silver' WHEN 2 THEN 'Bronze' ELSE 'None' END,
     CASE i % 7 WHEN 0 THEN 'France' WHEN 1 THEN 'Germany' WHEN 2 THEN 'Austria' WHEN 3 THEN 'Poland' WHEN 4
       THEN 'Spain' ELSE 'Netherlands' END FROM n;
    INSERT INTO stay WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2400)
     SELECT i, 1 + (i * 7) % 8, 1 + (i * 31) % 117, date('2023-01-01', '+' || ((i * 7919) % 1018) || ' days'),
       1 + (i * 13) % 6,
     CASE (i * 11) % 4 WHEN 0 THEN 'Suite' WHEN 1 THEN 'Single' ELSE 'Double' END,
     CASE (i * 17) % 5 WHEN 0 THEN 'OTA' WHEN 1 THEN 'Direct' WHEN 2 THEN 'Phone' WHEN 3 THEN 'OTA' ELSE
       'Corporate' END,
     CASE (i * 19) % 3 WHEN 0 THEN 'Flexible' WHEN 1 THEN 'Saver' ELSE 'Half Board' END,
     CASE WHEN i % 11 = 0 THEN 'Cancelled' WHEN i % 29 = 0 THEN 'No-show' ELSE 'Completed' END,
     (1 + (i * 13) % 6) * (70 + (i * 37) % 130), (i * 23) % 90, (i * 3) % 75 FROM n;
    INSERT INTO capacity SELECT hotel_id, date('2023-01-01', '+' || m || ' months'), 300 + hotel_id * 10 FROM
      hotel,
     (WITH RECURSIVE n(m) AS (SELECT 0 UNION ALL SELECT m + 1 FROM n WHERE m < 33) SELECT m FROM n);
    INSERT INTO review WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
     SELECT i, 1 + (i * 5) % 8, date('2023-01-01', '+' || ((i * 6007) % 1018) || ' days'),
     CASE i % 4 WHEN 0 THEN 'Cleanliness' WHEN 1 THEN 'Breakfast' WHEN 2 THEN 'Service' ELSE 'Noise' END, 3 +
       (i * 7) % 8 FROM n;
    INSERT INTO shift WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
     SELECT 1 + i % 8, date('2023-01-01', '+' || ((i * 5003) % 1018) || ' days'),
     CASE i % 3 WHEN 0 THEN 'Housekeeping' WHEN 1 THEN 'Reception' ELSE 'Kitchen' END, 4 + i % 7, (4 + i % 7)
       * 21.5 FROM n;
    INSERT INTO budget SELECT hotel_id, date('2023-01-01', '+' || m || ' months'), 9000 + hotel_id * 100 + m *
      20 FROM hotel,
     (WITH RECURSIVE n(m) AS (SELECT 0 UNION ALL SELECT m + 1 FROM n WHERE m < 36) SELECT m FROM n);
    """#

  /// Questions, each with the frames or outcomes that are right.
  static let questions = #"""
    What was our room revenue last month?
      = room_revenue; in 2025-09
    how many nights did we sell in 2024
      = nights; in 2024
    total extras in Q2 2025
      = extras_revenue; in 2025-Q2
    number of bookings in August
      = stays; in 2025-08
    How many hotels do we have in Spain?
      = distinct:hotel; country=Spain
    list the hotels in Berlin
      = list; by hotel; city=Berlin
    occupancy rate by hotel for September 2025
      = occupancy; by hotel; in 2025-09
    RevPAR per city this year
      = revpar; by city; in 2025
    revenue split by booking channel, last quarter
      = room_revenue; by booking_channel; in 2025-Q3
    nights by room type and channel in 2024
      = nights; by room_type,booking_channel; in 2024
    Top 3 hotels by revenue last year
      = room_revenue; by hotel; in 2024; order -room_revenue; limit 3
    which hotel had the lowest guest rating in 2024?
      = review_score; by hotel; in 2024; order +review_score; limit 1
    best city by RevPAR in the first half of 2025
      = revpar; by city; in 2025-01-01..2025-06-30; order -revpar; limit 1
    bottom 2 countries by occupancy this year
      = occupancy; by country; in 2025; order +occupancy; limit 2
    monthly trend of bookings in 2024
      = stays; per month; in 2024
    weekly nights over the last 6 weeks
      = nights; per week; in 2025-09-01..2025-10-12
    ADR by quarter since January 2024
      = average_daily_rate; per quarter; in 2024-01-01..2025-10-15
    Compare occupancy of Berlin and Hamburg in Q1 2025
      = occupancy; by city; city=Berlin|Hamburg; in 2025-Q1
    OTA vs Direct revenue this year
      = room_revenue; by booking_channel; booking_channel=Direct|OTA; in 2025
    How did revenue develop in September compared with August?
      = room_revenue; in 2025-09; vs 2025-08
    What is the year over year growth in nights for Q3 2025
      = nights; in 2025-Q3; vs 2024-Q3
    which country grew the most in revenue in 2024 versus 2023?
      = room_revenue; by country; in 2024; vs 2023; order -change(room_revenue); limit 1
    What share of nights in 2024 were suites?
      = nights; by room_type; room_type=Suite; in 2024; share
      = nights; in 2024; portion room_type=Suite
    percentage of revenue by country last year
      = room_revenue; by country; in 2024; share
    cancellation rate by channel in 2024
      = cancellation_rate; by booking_channel; in 2024
    bookings in Germany excluding Berlin in 2024
      = stays; city!=Berlin; country=Germany; in 2024
    revenue from Gold members in Italy in Q2 2025
      = room_revenue; country=Italy; loyalty_tier=Gold; in 2025-Q2
    hotels with occupancy under 20% in September
      = occupancy; by hotel; in 2025-09; occupancy<20
    cities where revenue was more than 100k in 2024
      = room_revenue; by city; in 2024; room_revenue>100000
    bookings of more than 4 nights in 2024
      = stays; where nights>4; in 2024
    how many stays were longer than 3 nights last month
      = stays; where nights>3; in 2025-09
    number of reservations with at least 30 days lead time in 2024
      = stays; where lead_time>=30; in 2024
    stays over €500 in August
      = stays; where room_revenue>500; in 2025-08
    reviews with a score below 5 by hotel this year
      = reviews; by hotel; where review_score<5; in 2025
    monthly growth of revenue in 2024
      = room_revenue; per month; in 2024; vs previous month
    month over month change in nights for 2024, by month
      = nights; per month; in 2024; vs previous month
    quarterly growth in bookings since 2024
      = stays; per quarter; in 2024-01-01..2025-10-15; vs previous quarter
    median lead time in 2024
      = median(lead_time); in 2024
    90th percentile of lead time by channel in 2024
      = p90(lead_time); by booking_channel; in 2024
    what was the longest stay in 2024
      = max(nights); in 2024
      = max(length_of_stay); in 2024
    maximum lead time by hotel this year
      = max(lead_time); by hotel; in 2025
    cumulative revenue by month in 2025
      = room_revenue; per month; in 2025; running
    running total of bookings per week this quarter
      = stays; per week; in 2025-Q4; running
    3-month moving average of revenue in 2024
      = room_revenue; per month; in 2024; rolling 3 avg
    rolling 7 day total of nights in September
      = nights; per day; in 2025-09; rolling 7
    average monthly revenue in 2024
      = room_revenue; in 2024; avg per month
    average revenue per hotel last year
      = room_revenue; in 2024; avg per hotel
    revenue per booking in 2024
      = room_revenue/stays; in 2024
    extras per night by hotel in 2024
      = extras_revenue/nights; by hotel; in 2024
    labor cost per night sold in Q3 2025
      = staff_cost/nights; in 2025-Q3
    staff cost as a percentage of revenue by country in 2024
      = 100*staff_cost/room_revenue; by country; in 2024
    ratio of reviews to stays in 2024
      = reviews/stays; in 2024
    top 2 hotels per country by revenue in 2024
      = room_revenue; by country,hotel; in 2024; order -room_revenue; limit 2 each
    second best hotel by revenue in 2024
      = room_revenue; by hotel; in 2024; order -room_revenue; limit 1 after 1
    how many hotels had occupancy above 30% in September
      = occupancy; by hotel; in 2025-09; occupancy>30; counted
    how many hotels had bookings in September 2025
      = stays; by hotel; in 2025-09; counted
    which hotels had no bookings in September 2025
      = stays; by hotel; in 2025-09; none
    hotels without reviews in 2024
      = reviews; by hotel; in 2024; none
    when was the first booking
      = first(stays)
    date of the last review for Casa Azul
      = last(reviews); hotel=Casa Azul
    revenue vs budget by hotel in Q2 2025
      = budget_attainment; by hotel; in 2025-Q2
      = room_revenue+budget; by hotel; in 2025-Q2
    difference between revenue and budget by country in fiscal 2025
      = room_revenue-budget; by country; in 2024-04-01..2025-03-31
    are we above budget this year?
      = room_revenue-budget; in 2025
      = room_revenue+budget; in 2025
      = budget_attainment; in 2025
      = refuse
    is occupancy above 25% this month
      = occupancy; in 2025-10; test occupancy>25
    did revenue grow in September?
      = room_revenue; in 2025-09; vs 2025-08
    share of OTA bookings by country in 2024
      = stays; by country; in 2024; portion booking_channel=OTA
    revenue by weekday in 2024
      = room_revenue; by weekday; in 2024
    bookings on weekends in August
      = stays; weekday=Saturday|Sunday; in 2025-08
      = refuse
    busiest month of 2024
      = nights; per month; in 2024; order -nights; limit 1
    average guest rating by review topic last 12 months
      = review_score; by review_topic; in 2024-10-01..2025-09-30
    staff hours by team in July
      = staff_hours; by department; in 2025-07
    how many different guests stayed with us in 2024
      = guests; in 2024
    guests by nationality in 2024
      = guests; by guest_country; in 2024
    how many distinct room types are there
      = distinct:room_type
    revenue from German hotels in 2024
      = room_revenue; country=Germany; in 2024
    bookings by German guests in 2024
      = refuse
      = stays; guest_country=Germany; in 2024
    wat was the totl revnue in berln in 2024
      = room_revenue; city=Berlin; in 2024
    avg rating for Grand Marlow this yr
      = review_score; hotel=Grand Marlow; in 2025
    income by property in 2024
      = room_revenue; by hotel; in 2024
    revenue by source market last year
      = room_revenue; by guest_country; in 2024
    turnover by city last month
      = room_revenue; by city; in 2025-09
      = refuse
    cost of staff per hotel in September
      = staff_cost; by hotel; in 2025-09
    revenue by region
      = refuse
    Why did revenue drop in Berlin in September?
      = investigate
    what is driving cancellations this year?
      = investigate
    show me the figures
      = refuse
    how is performance?
      = clarify
    What about last year?
      = refuse
    what will occupancy be next month
      = refuse
    salary of receptionists
      = refuse
    delete all bookings from 2023
      = refuse
    how do we compare with competitors
      = refuse
    revenue by hotel in 2024 >> only Spain
      = room_revenue; by hotel; country=Spain; in 2024
    revenue by hotel in 2024 >> and for 2023?
      = room_revenue; by hotel; in 2023
    top 3 hotels by revenue in 2024 >> same but by nights
      = nights; by hotel; in 2024; order -nights; limit 3
    occupancy last month >> break it down by country
      = occupancy; by country; in 2025-09
    occupancy last month >> and the month before?
      = occupancy; in 2025-09; vs 2025-08
      = occupancy; in 2025-08
    nights by channel in 2024 >> without OTA
      = nights; by booking_channel; booking_channel!=OTA; in 2024
    nights by channel in 2024 >> as a share of the total
      = nights; by booking_channel; in 2024; share
    revenue in Q1 2025 >> compare with the year before
      = room_revenue; in 2025-Q1; vs 2024-Q1
    revenue in Q1 2025 >> per month
      = room_revenue; per month; in 2025-Q1
    revenue in Q1 2025 >> cumulative by month
      = room_revenue; per month; in 2025-Q1; running
    revenue since Easter
      = refuse
    revenue during the trade fair
      = refuse
    revenue of pet friendly hotels
      = refuse
    average age of guests
      = refuse
    bookings made by families in 2024
      = refuse
    breakfast revenue in 2024
      = refuse
    early check-ins last month
      = refuse
    bookings by month and cancelled
      = refuse
      = stays; per month; stay_status=Cancelled
    how many bookings were cancelled in 2024
      = stays; stay_status=Cancelled; in 2024
    no-shows by hotel in 2024
      = refuse
      = stays; by hotel; stay_status=No-show; in 2024
    cancelled bookings by channel last quarter
      = stays; by booking_channel; stay_status=Cancelled; in 2025-Q3
    reviews about breakfast in 2024
      = reviews; review_topic=Breakfast; in 2024
    revenue between 1 May and 15 June 2025
      = room_revenue; in 2025-05-01..2025-06-15
    nights in the last 90 days
      = nights; in 2025-07-17..2025-10-14
    revenue year to date versus the same period last year
      = room_revenue; in 2025-01-01..2025-10-15; vs 2024-01-01..2024-10-15
    how much did extras contribute to revenue
      = refuse
      = 100*extras_revenue/room_revenue
    revenue for the top 5 hotels combined
      = refuse
    which months had more than 70 bookings in 2024
      = stays; per month; in 2024; stays>70
    hotels that earned less than 50,000 euros in 2024
      = room_revenue; by hotel; in 2024; room_revenue<50000
    which hotels have a rating of at least 6.5 this year and more than 10 reviews
      = review_score+reviews; by hotel; in 2025; review_score>=6.5; reviews>10
      = review_score+reviews; by hotel; in 2025; reviews>10; review_score>=6.5
    revenue 2023 to 2025 by year
      = room_revenue; per year; in 2023-01-01..2025-12-31
      = room_revenue; per year; in 2023-01-01..2025-10-15
    revenue in 2023, 2024 and 2025
      = room_revenue; per year; in 2023-01-01..2025-12-31
    nights per guest country, highest first, 2024
      = nights; by guest_country; in 2024; order -nights
    """#
}
