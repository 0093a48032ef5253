import SemanticLayer

/// The words of business English that carry no name of the model.
enum Vocabulary {
  /// Words whose base form no rule gives.
  static let irregular: [String: String] = [
    "sold": "sell", "sells": "sell", "paid": "payment", "bought": "buy", "made": "make", "had": "have", "has": "have",
    "was": "be", "were": "be", "is": "be", "are": "be", "been": "be", "did": "do", "does": "do", "done": "do",
    "went": "go", "grew": "grow", "grown": "grow", "fell": "fall", "rose": "rise", "people": "person",
    "yoy": "yoy", "pct": "percent", "percentage": "percent", "avg": "average", "mean": "average", "qty": "quantity",
    "yr": "year", "yrs": "year", "mo": "month", "mos": "month", "mth": "month", "mths": "month", "wk": "week",
    "wks": "week", "qtr": "quarter", "qtrs": "quarter", "biz": "business", "news": "news", "gas": "gas",
    "plus": "plus", "analysis": "analysis", "status": "status", "sales": "sale", "series": "series",
    "always": "always", "versus": "versus", "vs": "versus", "ave": "average", "wat": "what", "wht": "what",
    "vol": "volume", "rev": "revenue", "revs": "revenue",
    "thru": "through", "w": "with", "nr": "number", "num": "number", "amt": "amount", "prev": "previous",
    "cust": "customer", "custs": "customer", "inv": "inventory", "prod": "product", "prods": "product",
    "mkt": "market", "dept": "department", "mgr": "manager", "hw": "how", "hows": "how",
    "summarise": "summarize", "colour": "color",
  ]

  /// Shortened forms and what they stand for.
  static let contractions: [String: [String]] = [
    "what's": ["what", "is"], "whats": ["what", "is"], "who's": ["who", "is"], "how's": ["how", "is"],
    "hows": ["how", "is"], "where's": ["where", "is"], "that's": ["that", "is"], "it's": ["it", "is"],
    "let's": ["let", "us"], "i'd": ["i", "would"], "i'm": ["i", "am"], "we've": ["we", "have"], "we're": ["we", "are"],
    "can't": ["can", "not"], "won't": ["will", "not"], "y/y": ["yoy"], "y-o-y": ["yoy"], "m/m": ["mom"],
    "q/q": ["qoq"], "w/w": ["wow"], "w/o": ["without"], "e-commerce": ["ecommerce"],
  ]

  /// Signs that are words.
  static let signs: [String: String] = [
    "%": "percent", "#": "number", "&": "and", "+": "plus", "<": "below", ">": "above", "=": "equals",
    "$": "$", "\u{20AC}": "$", "\u{00A3}": "$",
  ]

  /// Letters and marks whose plain form their Unicode name does not give.
  static let plainForms: [Unicode.Scalar: String] = [
    "\u{2019}": "'", "\u{2018}": "'", "\u{02BC}": "'", "\u{2013}": "-", "\u{2014}": "-", "\u{2212}": "-",
    "\u{2010}": "-", "\u{2011}": "-", "\u{00DF}": "ss", "\u{00E6}": "ae", "\u{0153}": "oe", "\u{00A0}": " ",
    "\u{202F}": " ",
  ]

  /// Numbers as words.
  static let numberWords: [String: Double] = [
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "hundred": 100,
  ]

  /// Endings of numbers.
  static let magnitudes: [String: Double] = [
    "k": 1_000, "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "million": 1_000_000, "b": 1_000_000_000,
    "bn": 1_000_000_000, "thousand": 1_000, "billion": 1_000_000_000,
  ]

  /// Months by name, in the forms people write.
  static let months: [String: Int] = [
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
  ]

  /// Days of the week by name, Monday 1.
  static let weekdays: [String: Int] = [
    "monday": 1, "mon": 1, "tuesday": 2, "tue": 2, "tues": 2, "wednesday": 3, "wed": 3, "thursday": 4, "thu": 4,
    "thurs": 4, "friday": 5, "fri": 5, "saturday": 6, "sat": 6, "sunday": 7, "sun": 7,
  ]

  /// Units of time by lemma.
  static let units: [String: TimeGrain] = [
    "day": .day, "week": .week, "month": .month, "quarter": .quarter,
    "year": .year,
  ]

  /// Adjectives that say a bucket of time.
  static let grainAdjectives: [String: TimeGrain] = [
    "daily": .day, "weekly": .week, "monthly": .month, "quarterly": .quarter,
    "yearly": .year, "annual": .year, "annually": .year,
  ]

  /// Words that ask, order or connect, but limit nothing.
  static let fillers: Set<String> = Set(
    """
    a an the of in on at to for from with by and or be am do have will would could can should may might must
    i we you they it he she me us our your their my its his her them who whom whose which what where when how
    this that these those there here as so if then than into out up down over during within about all any some each
    show give tell list get find see know want need like look display present report return fetch pull provide let
    please kindly thanks thank hi hello hey ok okay just only also too again now currently actually really exactly
    quick quickly question answer help data figure figures value values amount amounts number numbers count level
    result results stat statistic stats much many total totals overall sum altogether entire whole complete full
    come came going go went make made generate generated get got bring brought did does doing happen happened
    company business organization organisation network us we've record recorded detail details breakdown summary
    overview info information view chart graph table plot draw visualize visualise make create output sort sorted
    order ordered rank ranked ranking high low far across per split down group grouped segment segmented
    between among terms relative respective respectively one ones period time date dates compute calculate
    file filed open opened close closed book booked log logged submit submitted receive received place placed achieve
    achieved earn earned reach reached account accounted give given away register registered handle handled use used
    still yet already right rn currently please pls plz u ur r me myself guys folks team break drill other another
    besides roughly approximately around about exact latest update updates situation state story picture like
    both either together same but instead lets let's go ahead mind think know tell us today's back
    wonder wondering curious interested possible able if whether say more
    """.split { $0 == " " || $0 == "\n" }.map(String.init)
  )

  /// Words that begin an order to change data.
  static let writeVerbs: Set<String> = [
    "delete", "remove", "insert", "update", "drop", "alter", "truncate", "cancel", "edit", "modify", "erase", "set",
    "change", "add", "rename", "assign", "approve", "reject", "book", "email", "send", "grant",
  ]

  /// Words that ask for a cause.
  static let causeWords: Set<String> = ["why", "cause", "reason", "explain", "driver", "drove", "driven", "driving"]

  /// Words that ask about what has not happened yet.
  static let futureWords: Set<String> = ["forecast", "predict", "prediction", "projection", "projected", "tomorrow"]
}
