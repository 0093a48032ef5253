import SemanticLayer

/// What a word or phrase does in a question without naming a member of the model.
enum Operator: Hashable, Sendable {
  case by
  case also
  case top
  case bottom
  case most
  case least
  case best
  case worst
  case trend
  case grain(TimeGrain)
  case compare
  case change
  case against(FrameComparison.Kind, TimeGrain?)
  case share
  case average
  case total
  case exclude
  case only
  case above
  case below
  case atLeast
  case atMost
  case between
  case why
  case howMany
  case which
  case who
  case list
  case vague
  case forecast
  case percentSign
  case comparative
  case descending
  case ascending
  case longest
  case shortest
  case money
  /// "cumulative": added up along a series.
  case running
  /// "3-month moving average": so many buckets at a time.
  case rolling(Int, TimeGrain, isAverage: Bool)
  /// "median", "90th percentile of".
  case statistic(RowStatistic)
  /// "ratio of".
  case ratio
  /// "in percent of", between two metrics.
  case percentOf
  /// "second" before "best".
  case ordinal(Int)
  /// "on Mondays", "on weekends".
  case onDays([String])
}

/// The fixed phrases of the question language.
enum Grammar {
  /// Phrases by their first lemma, longest first.
  static let phrases: [String: [(lemmas: [String], meaning: Operator)]] = {
    var table: [String: [(lemmas: [String], meaning: Operator)]] = [:]
    for (meaning, texts) in source {
      for text in texts.split(separator: ",") {
        let lemmas = Tokenizer.lemmas(of: String(text))
        if let first = lemmas.first { table[first, default: []].append((lemmas, meaning)) }
      }
    }
    return table.mapValues { $0.sorted { $0.lemmas.count > $1.lemmas.count } }
  }()

  /// Every word with a part in the grammar or in expressions of time; spelling is mended towards these too.
  static let words: Set<String> = {
    var words = Set(phrases.values.flatMap { $0.flatMap(\.lemmas) })
    words.formUnion(Vocabulary.months.keys)
    words.formUnion(Vocabulary.weekdays.keys)
    words.formUnion(Vocabulary.units.keys)
    words.formUnion(Vocabulary.grainAdjectives.keys)
    words.formUnion(Vocabulary.numberWords.keys)
    words.formUnion(Vocabulary.magnitudes.keys.filter { $0.count > 3 })
    words.formUnion(Vocabulary.causeWords)
    words.formUnion(Vocabulary.futureWords)
    words.formUnion(timeWords)
    return words
  }()

  private static let timeWords: Set<String> = [
    "today", "yesterday", "tomorrow", "last", "past", "previous", "prior", "this", "current", "next", "coming",
    "since", "until", "till", "before", "after", "from", "between", "through", "ago", "ytd", "mtd", "qtd", "wtd",
    "first", "second", "third", "fourth", "half", "couple", "few", "fiscal", "weekend", "trailing", "rolling",
    "recent", "upcoming", "beginning", "starting", "fy", "ttm", "ltm", "complete", "calendar", "date",
    "black", "cyber", "christmas", "thanksgiving", "halloween", "boxing", "valentine", "labor", "independence", "eve",
    "new", "easter", "ramadan", "spring", "autumn", "season", "financial", "ending", "ended",
  ]

  private static let source: [(Operator, String)] = [
    (
      .by,
      "by,per,for each,for every,in each,each,every,across,broken down by,break down by,breakdown by,split by,"
        + "grouped by,group by,break it down by,break that down by,break this down by,drill down by,"
        + "split it by,split that by,"
        + "slice by,cut by,segmented by,within each,by each,sliced by,according to,down by,at each,of each,across all"
    ),
    (.also, "add,also,and also,additionally,as well,too,as well as"),
    (.top, "top,leading"),
    (.bottom, "bottom"),
    (.most, "most,fastest,highest,largest,biggest,greatest,maximum,max,highest number of,the most"),
    (.longest, "longest,lengthiest"),
    (.shortest, "shortest,quickest,briefest"),
    (
      .descending,
      "highest first,largest first,biggest first,most first,descending,in descending order,high to low,"
        + "highest to lowest,from highest to lowest,largest to smallest,from high to low"
    ),
    (
      .ascending,
      "lowest first,smallest first,least first,ascending,in ascending order,low to high,lowest to highest,"
        + "from lowest to highest,smallest to largest,from low to high"
    ),
    (.comparative, "more,less,fewer,higher,lower,bigger,larger,smaller,better,worse,greater"),
    (.least, "least,lowest,smallest,fewest,minimum,min,lowest number of,the least,the fewest"),
    (.best, "best,strongest,best performing,top performing,best selling,top selling,star,winning"),
    (
      .worst,
      "worst,weakest,poorest,worst performing,bottom performing,worst selling,poorest performing,slowest,lagging"
    ),
    (
      .trend,
      "trend,over time,trending,evolution,evolve,evolving,developing,developed,timeline,time series,"
        + "development,develop,progression,"
        + "historical,history,trajectory,how have,movement"
    ),
    (.grain(.day), "daily,by day,per day,day by day,each day,every day,by date,day wise,per date,day"),
    (.grain(.week), "weekly,by week,per week,week by week,each week,every week,week wise,week"),
    (
      .grain(.month),
      "monthly,by month,per month,month by month,each month,every month,month wise,monthwise,"
        + "across month,month"
    ),
    (
      .grain(.quarter),
      "quarterly,by quarter,per quarter,quarter by quarter,each quarter,every quarter,"
        + "quarter wise,across quarter,quarter"
    ),
    (
      .grain(.year),
      "yearly,annual,annually,by year,per year,year by year,each year,every year,year wise,across year,year"
    ),
    (
      .compare,
      "compare,compared to,compared with,versus,against,relative to,comparison,comparison of,"
        + "comparing,than,difference between,in comparison to,in comparison with,as against,stack up against"
    ),
    (
      .change,
      "change,changed,growth,grow,growing,growth rate,increase,increased,decrease,decreased,decline,"
        + "declined,rise,fall,difference,delta,shrink,shrinking,shrank,drop,dropped,gain,lose,lost,percent change,"
        + "improve,improved,improvement,went up,went down,gone up,gone down,go up,go down,evolved,fallen"
    ),
    (
      .against(.samePeriodLastYear, .year),
      "yoy,year over year,year on year,same period last year,"
        + "same time last year,same period a year ago,than a year ago,year earlier,than last year,"
        + "same month last year,same quarter last year,same week last year,the year before,same period of last year,"
        + "same period previous year,same period in the previous year,a year earlier,annual growth,same day last year"
    ),
    (.against(.previousPeriod, .month), "mom,month over month,month on month"),
    (.against(.previousPeriod, .quarter), "qoq,quarter over quarter,quarter on quarter"),
    (.against(.previousPeriod, .week), "wow,week over week,week on week"),
    (
      .against(.previousPeriod, nil),
      "previous period,prior period,period before,preceding period,"
        + "period over period,the month before,the week before,the quarter before,month earlier,quarter earlier"
    ),
    (
      .share,
      "share,share of,percent of,proportion,proportion of,what percent,fraction of,contribution,contribution of,"
        + "contribute,contributed,part of,what part,mix,percent share,market share,as a percent of total,"
        + "percent of total,as percent of total,as percent of the total,as a percent,as percent,as a share,"
        + "as a share of the total,as a share of total,as a percent of the total,"
        + "split between,portion of,how much of"
    ),
    (.average, "average,on average,typical,typically,average of"),
    (
      .total,
      "total,overall,sum,sum of,in total,combined,altogether,how high,how low,how big,how large,of all time,all time"
    ),
    (
      .exclude,
      "not,exclude,excluding,except,except for,without,other than,apart from,besides,but not,minus,"
        + "leave out,leaving out,ignoring,ignore,not including,aside from,omit,omitting,not counting,non,"
        + "no,everything except,all except,everything but,all but,everything other than,"
        + "everyone except,all other than,everyone other than,everyone but,anyone but,anyone other than,"
        + "never had,have not have,do not have,have never have,zero"
    ),
    (.only, "only,just,only for,limited to,restricted to,exclusively"),
    (
      .above,
      "over,above,more than,greater than,exceed,exceeding,higher than,larger than,bigger than,beyond,"
        + "in excess of,north of,upward of,better than,longer than,heavier than"
    ),
    (
      .below,
      "under,below,less than,fewer than,lower than,smaller than,beneath,short of,south of,worse than,shorter than,"
        + "lighter than"
    ),
    (.atLeast, "at least,no less than,minimum of,not less than,or more"),
    (.atMost, "at most,no more than,maximum of,not more than,or less,or fewer"),
    (.between, "between"),
    (
      .why,
      "why,what caused,what drove,what is driving,what drive,root cause,reason for,reason behind,explain,"
        + "what is behind,what happened to,how come,what led to,due to what,driver of,what explain,what be the cause,"
        + "what be the reason,what be behind,what be drive,because of what,what be cause,"
        + "contributing factor,the cause of"
    ),
    (
      .howMany,
      "how many,number of,count of,number,count,how many different,how many distinct,how many unique,"
        + "number of different,number of distinct,number of unique,distinct number of,distinct count of"
    ),
    (.which, "which,what,whose"),
    (.who, "who"),
    (.list, "list,list all,list of,show all,name the,list the"),
    (
      .vague,
      "how be we do,how be business,how be thing,how do we do,performance,perform,performing,how be it go,"
        + "how be we perform,doing,business going"
    ),
    (
      .forecast,
      "forecast,predict,prediction,projection,project,projected,will be,expect,expected,what if,"
        + "outlook,estimate"
    ),
    (.money, "$,usd,eur,dollar,euro,gbp,pound"),
    (
      .running,
      "cumulative,cumulatively,cumulated,accumulated,running total,running total of,running sum,running sum of,"
        + "cumulative total,cumulative total of,cumulative sum,cumulative sum of"
    ),
    (.statistic(.median), "median,median of,median value of"),
    (.ratio, "ratio of,ratio,ratio between,the ratio of"),
    (
      .percentOf,
      "as a percent of,as percent of,as a share of,as share of,as a proportion of,as a fraction of,in percent of"
    ),
    (.percentSign, "percent,percentage point,point"),
  ]
}
