/// Words of business English that mean the same, for words that a domain file does not list.
///
/// A word counts only where the model knows exactly one of its neighbours and not the word itself: "distributor" is read
/// as "dealer" where dealers are known and distributors are not. The reader is told.
enum Thesaurus {
  /// Groups of lemmas that stand for one another.
  static let groups: [[String]] = [
    ["customer", "client", "buyer", "shopper", "purchaser"], ["dealer", "dealership", "distributor", "reseller"],
    ["store", "shop", "outlet", "branch"], ["region", "territory", "area", "zone"], ["country", "nation"],
    ["city", "town"], ["revenue", "turnover", "proceeds", "takings"], ["profit", "earning"],
    ["cost", "expense", "spending", "expenditure"], ["employee", "worker", "staffer"],
    ["salesperson", "rep", "seller", "salesman", "saleswoman"], ["product", "article", "sku", "merchandise"],
    ["supplier", "vendor"], ["vehicle", "car", "automobile"], ["truck", "lorry"], ["doctor", "physician", "clinician"],
    ["nurse", "carer"], ["shipment", "consignment"], ["complaint", "grievance"], ["stock", "inventory"],
    ["target", "goal", "quota"], ["brand", "marque"], ["discount", "markdown"], ["refund", "reimbursement"],
    ["quantity", "volume"], ["gender", "sex"], ["factory", "plant"], ["student", "pupil"], ["teacher", "instructor"],
    ["movie", "film"], ["apartment", "flat"], ["invoice", "bill"], ["driver", "trucker"],
    ["warehouse", "depot"], ["device", "gadget"], ["contract", "agreement"], ["fee", "charge"], ["salary", "wage"],
    ["occupation", "profession"], ["accident", "crash"], ["carrier", "haulier"], ["department", "division"],
    ["guest", "visitor"], ["trip", "journey"], ["passenger", "traveller", "traveler", "rider"],
  ]
}
