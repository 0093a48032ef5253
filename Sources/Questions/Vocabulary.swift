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
    "mkt": "market", "dept": "department", "mgr": "manager", "hw": "how", "hows": "how", "lst": "last", "yer": "year", "thier": "their",
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
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "forty": 40, "fifty": 50, "seventy": 70, "eighty": 80, "dozen": 12, "twenty": 20,
    "thirty": 30, "sixty": 60, "ninety": 90, "hundred": 100,
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
    a an the of in on at to for from with by and or be am do have will would could can may
    i we you they it he she me us our your their my its his her them who whom whose which what where when how
    this that these those there here as so then into out up down over during within about all any some each through via
    show give tell list get find see know want need like look display present report return fetch pull provide let
    please kindly thanks thank hi hello hey ok okay just only also too again now currently actually really exactly
    quick quickly question answer help data figure figures value values amount amounts number numbers count level
    result results stat statistic stats much many total totals overall sum altogether entire whole complete full
    come came going go went make made generate generated get got bring brought did does doing happen happened
    us we've record recorded detail details breakdown summary
    overview info information view chart graph table plot draw visualize visualise make create output sort sorted
    order ordered rank ranked ranking across per split down group grouped segment segmented
    between among terms relative respective respectively one ones period time date dates compute calculate
    file filed opened book booked log logged submit submitted receive received place placed achieve
    achieved earn earned reach reached account accounted give given away register registered handle handled
    still yet already right rn currently please pls plz u ur r me myself break drill check verify
    roughly approximately around about exact update updates situation story picture like
    both either together same but instead lets let's go ahead mind think know tell us today's back
    wonder wondering curious interested possible able whether say ever
    """.split { $0 == " " || $0 == "\n" }.map(String.init)
  )

  /// Participles that only say that a fact happened ("claims filed in May"), unless they stand before a noun: "booked
  /// revenue" is another figure than revenue.
  static let participles: Set<String> = [
    "made", "generated", "recorded", "filed", "opened", "booked", "logged", "submitted", "received", "placed",
    "achieved", "earned", "reached", "accounted", "given", "registered", "handled", "complete", "full",
  ]

  /// Small words that say nothing behind certain verbs only: "break down", but not "customers who came back".
  static let particles: [String: Set<String>] = [
    "up": ["go", "come", "add", "sum", "pull", "bring", "look", "break", "split", "end", "make", "show", "start"],
    "down": ["go", "come", "break", "drill", "split", "cut", "slice", "broken", "it", "that", "this"],
    "back": ["go", "look", "report", "get", "going", "bring", "looking", "think"],
    "out": ["find", "figure", "carry", "check", "work", "break", "point", "give", "map", "plot", "lay", "pull"],
  ]

  /// Verbs that say no more than "have" at the end of "how many products do we carry".
  static let businessVerbs: Set<String> = ["carry", "offer", "operate", "own", "run"]

  /// Words behind which "if" asks politely instead of making a condition.
  static let politeBeforeIf: Set<String> = [
    "know", "see", "wonder", "wondering", "possible", "check", "ask", "tell", "me", "curious",
  ]

  /// Those a question is spoken to, which mean nothing behind a greeting only: "revenue by team" means something.
  static let audience: Set<String> = ["guys", "folks", "team", "everyone", "everybody"]
  /// Words that open a message.
  static let greetings: Set<String> = ["hi", "hey", "hello", "dear", "thanks", "morning", "thank"]
  /// Words for all of the company, behind "our", "the", "whole".
  static let wholes: Set<String> = ["company", "business", "organization", "organisation", "network"]
  /// Words that open a mention of all of the company.
  static let wholeOpenings: Set<String> = [
    "the", "our", "whole", "entire", "overall", "total", "this", "across", "company",
  ]
  /// Nouns among the fillers, which mean something where a dimension is expected.
  static let nouns: Set<String> = [
    "value", "amount", "level", "count", "result", "number", "figure", "picture", "story", "situation", "detail",
    "record", "information", "info", "overview", "summary", "statistic",
  ]

  /// Units of measure by lemma that say how long something takes.
  static let durations: Set<String> = ["second", "minute", "hour", "day", "week", "month", "year"]

  /// Currencies by the words and signs for them.
  static let currencies: [String: String] = [
    "$": "USD", "usd": "USD", "dollar": "USD", "\u{20AC}": "EUR", "eur": "EUR", "euro": "EUR", "\u{00A3}": "GBP",
    "gbp": "GBP", "pound": "GBP",
  ]

  /// Words that begin an order to change data.
  static let writeVerbs: Set<String> = [
    "delete", "remove", "insert", "update", "drop", "alter", "truncate", "cancel", "edit", "modify", "erase", "set",
    "change", "add", "rename", "assign", "approve", "reject", "book", "email", "send", "grant",
  ]

  /// Ordinary words that mean nothing here but are spelt right, so that they are never mended into something else.
  static let ordinary: Set<String> = Set(
    """
    able above access action active activity actual add added additional adjusted adult after age aged agent alone
    although always amazing annual another anybody anyone anything apart area arrive asked asset available awaiting
    away bad balance bank bare base based basic basis became become been began behind being believe below beneath
    better bid big bill birth blue board body bonus bottle bought branch bring broke brought budgeted build built
    buyer buying call calls came card care careful cars case cash cause caused cell center certain chair chance
    channels charged cheap cheapest check child children choice choose city class clean clear clients close closed
    cold color come coming common computer condition consider contact contain content contract control cool corner
    correct costly course cover create crime crisis cross current custom customer daily damage danger dark dead deal
    dealt death decide decision deep degree delay delayed deliver delivered delivery demand deposit describe design
    desk despite detail develop device differ different digital dinner direct direction discover discuss distance
    doctor doubt draft dream dress drink drive driven drop due during earlier early earn east easy effect effort eight
    elect electric else employ employee empty ended engine enough enter entry equal error even event every everyone
    everything evidence example excellent existing expected expense expensive expert external extra face fact factor
    fail failed fair faith fall false family famous farm fast faster father favor fear federal feel feet field fight
    film fine finish fire firm fish five fixed floor flow follow food foot force foreign forest forget formal former
    forward found free freight fresh friend front fruit fully fund future gain game garden gave gender gift girl glad
    glass goal gold good goods grade grant green grey ground guess guest guide half hand hard head health hear heart
    heat heavy height held hello help hidden hire hired history hold holiday home hope horse hospital hotel hour hours
    house huge human hundred idea ideal image impact import improper income indeed indoor inner inside intend interest
    internal issue item items join joint judge keep kept kids kind known labor lack land large larger late later
    latest laugh launch lead leader learn least leave left legal length less letter life light likely line link listed
    little live load loan local locate lock long longer lose loss losses lost love loved lower loyal luck lunch
    machine mail main maintain major male manage manager margin married mass match material matter mean measure meat
    media medical meet meeting member memory mention metal method middle might mile milk mind minor minute minutes
    miss missed missing mistake mixed mobile model modern moment money morning mother motor mouth move moved movie
    music name named narrow nation native nature near nearly neck negative neither never news nice night nine none
    normal north note nothing notice nurse object obtain obvious occur offer office often older online open opened
    opinion option orange order origin original other others outdoor outer outside owned owner pack page paid pain
    paint pair paper parent park parking part partner party pass passed past paying peace pending people perfect
    permit person phone photo phrase pick piece place plain plan plane plant plate play plenty point poor popular
    positive possible post potential power present press pretty price prime print private prize problem process
    produce profit project promise proper protect prove provide public pull pure purpose push quality queen quick
    quiet quite race rain raise ran range rapid rare rate rather reach read ready real reason receive record refund
    refused regular reject relate remain remember remote remove rent repair repeat reply report request require rescue
    rest restaurant retail return returned review rich ride right ring risk river road rock role roof room rough round
    route rule rural safe said sales salt same sample sand save saved scale scene school science score sea search
    season seat second secret sector secure seed seek seem seen select self sell seller senior sense sent serious
    serve served service seven several severe shape shared sharp ship shipped shipping shop short shot shown sick side
    sign silver simple since single site size skill skin sleep slow slower small smart smooth social soft soil sold
    solid solve some song soon sort sound source south space speak special speed spend spent sport spot spread spring
    staff stage stand standard star start stated station stay steel step stick still stock stone stop store storm
    story strange street strong student study style subject success such sudden suffer sugar suit summer sunny supply
    support sure surface system table take taken talk tall task taste taxes teach teacher team tell tend tender tenth
    term terms test text thank theme theory thick thin thing things think third those though thought thousand threat
    three throw thus ticket tight till time times tiny tire tired title today together took tool tooth total touch
    tough tour toward tower town track trade traffic train travel treat treated tree trial trip truck true trust truth
    tube turn twelve twice type typical ugly unable under uniform union unique unit unless unpaid unsold unused upon
    upper urban usage used useful user usual valid various vehicle very victim view village visible visit vital voice
    volume vote wage waiting wake walk wall want warm wash waste watch water wave weak wealth wear weather weekday
    weekend weight well went west whatever wheel whether white whole whom wide wife wild wind window wine winter wise
    wish woman wonder wood word work worked worker world worry worse worth write wrong yard yellow young yours youth
    zero zone
    """.split { $0 == " " || $0 == "\n" }.map(String.init)
  )

  /// Words that ask for a cause.
  static let causeWords: Set<String> = ["why", "cause", "reason", "explain", "driver", "drove", "driven", "driving"]

  /// Words that ask about what has not happened yet.
  static let futureWords: Set<String> = ["forecast", "predict", "prediction", "projection", "projected", "tomorrow"]
}
