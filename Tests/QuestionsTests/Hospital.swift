import CoachVocabulary
import Declarations
import SemanticLayer

@testable import Questions

/// A group of clinics: another kind of company than the demo, so that nothing of the parser is made for dealers.
enum Hospital {
  /// What "today" means in the tests.
  static let today = CivilDate("2025-10-15")

  /// A parser over the company's names and values.
  static func parser() throws(Fault) -> QuestionParser {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: domain.utf8, file: "hospital.yaml", reporting: collector)
    guard let tree, let model = SemanticModel(reading: tree, reporting: collector), let today else {
      throw Fault(message: collector.diagnostics.map(\.description).joined(separator: "\n"))
    }
    let calendar = BusinessCalendar(asOf: today, weekStart: 7, fiscalStartMonth: 7)
    return QuestionParser(
      lexicon: Lexicon(model: model, values: values),
      compiler: FrameCompiler(model: model, calendar: calendar)
    )
  }

  /// The fixture itself is wrong.
  struct Fault: Error {
    var message: String
  }

  /// The distinct values of its dimensions.
  static let values: [String: [String]] = [
    "clinic": [
      "Harborview", "Larkfield General", "Larkfield Heart Center", "Millbrook Community", "Northgate",
      "Ridgeton Memorial", "St. Anne", "Summit Clinic",
    ],
    "city": ["Larkfield", "Millbrook", "Pine Falls", "Port Ellis", "Ridgeton"],
    "region": ["Coast", "North", "Valley"],
    "ownership": ["Private", "Public", "Trust"],
    "physician": [
      "Grace Byrne", "Grace Delgado", "Grace Hill", "Grace Marsh", "Grace Sato", "Hannah Byrne", "Hannah Hill",
      "Hannah Novak", "Hannah Okafor", "Hannah Sato", "Karl Delgado", "Karl Lindqvist", "Karl Marsh",
      "Karl Novak", "Karl Okafor", "Luis Byrne", "Luis Delgado", "Luis Lindqvist", "Luis Marsh", "Luis Sato",
      "Maya Byrne", "Maya Delgado", "Maya Lindqvist", "Maya Marsh", "Maya Sato", "Owen Byrne", "Owen Delgado",
      "Owen Hill", "Owen Novak", "Owen Sato", "Priya Hill", "Priya Lindqvist", "Priya Marsh", "Priya Novak",
      "Priya Okafor", "Tom Hill", "Tom Lindqvist", "Tom Novak", "Tom Okafor", "Tom Sato",
    ],
    "department": ["Cardiology", "Emergency", "Neurology", "Oncology", "Orthopedics", "Pediatrics"],
    "grade": ["Consultant", "Junior", "Senior"],
    "payer": ["Commercial", "Medicaid", "Medicare", "Self-Pay"],
    "visit_type": ["Emergency", "Inpatient", "Outpatient"],
    "visit_status": ["Cancelled", "Completed", "No-show"],
    "ward": ["General", "ICU", "Maternity"],
    "complaint_category": ["Billing", "Cleanliness", "Staff", "Waiting"],
    "severity": ["High", "Low", "Medium"],
  ]

  /// Its domain file.
  static let domain = """
    domain: hospital
    description: Visits, beds, complaints and budgets of a group of clinics.
    currency: USD
    database: {engine: sqlite, path: hospital.sqlite}
    calendar: {as_of: 2025-10-15, week_start: sunday, fiscal_start_month: 7}

    datasets:
      - {name: visits, table: fact_visit, primary_key: visit_id, time: visit_date, label: visits}
      - {name: beds, table: fact_bed, time: snapshot_date, label: bed counts, semi_additive: {over: snapshot_date,
          take: last}}
      - {name: complaints, table: fact_complaint, primary_key: complaint_id, time: complaint_date}
      - {name: budgets, table: fact_budget, time: month}
      - {name: clinics, table: dim_clinic, primary_key: clinic_id, label_column: clinic_name}
      - {name: physicians, table: dim_physician, primary_key: physician_id, label_column: full_name}

    relationships:
      - {from: visits.clinic_id, to: clinics.clinic_id}
      - {from: visits.physician_id, to: physicians.physician_id}
      - {from: beds.clinic_id, to: clinics.clinic_id}
      - {from: complaints.clinic_id, to: clinics.clinic_id}
      - {from: budgets.clinic_id, to: clinics.clinic_id}

    dimensions:
      - {name: clinic, expr: clinics.clinic_name, synonyms: [hospital, site, facility]}
      - {name: city, expr: clinics.city, kind: geo, synonyms: [town]}
      - {name: region, expr: clinics.region, kind: geo, synonyms: [area, district]}
      - {name: ownership, expr: clinics.ownership, synonyms: [owner type]}
      - {name: physician, expr: physicians.full_name, synonyms: [doctor, clinician]}
      - {name: department, expr: physicians.department, synonyms: [specialty, service line]}
      - {name: grade, expr: physicians.grade, synonyms: [seniority]}
      - {name: payer, expr: visits.payer, synonyms: [insurer, insurance], values: {Self-Pay: [uninsured,
          out of pocket]}}
      - {name: visit_type, expr: visits.visit_type, synonyms: [type of visit, care setting],
          values: {Inpatient: [inpatients], Outpatient: [outpatients, ambulatory]}}
      - {name: visit_status, expr: visits.status}
      - {name: ward, expr: beds.ward, synonyms: [unit]}
      - {name: complaint_category, expr: complaints.category, label: complaint category,
          synonyms: [reason of complaint, complaint type]}
      - {name: severity, expr: complaints.severity}

    metrics:
      - {name: visits, dataset: visits, aggregate: count, filter: "status = 'Completed'",
          filter_note: completed visits, good: up, synonyms: [number of visits, patient visits, appointments,
          consultations]}
      - {name: charges, dataset: visits, aggregate: sum, expr: charge_amount, filter: "status = 'Completed'",
          filter_note: completed visits, unit: USD, good: up, synonyms: [billings, billed amount, revenue, income]}
      - {name: care_cost, label: Cost of care, dataset: visits, aggregate: sum, expr: cost_amount,
          filter: "status = 'Completed'", filter_note: completed visits, unit: USD, good: down,
          synonyms: [treatment cost, cost, spending]}
      - {name: surplus, dataset: visits, aggregate: sum, expr: charge_amount - cost_amount,
          filter: "status = 'Completed'", filter_note: completed visits, unit: USD, good: up,
          synonyms: [operating surplus, profit]}
      - {name: surplus_margin, numerator: surplus, denominator: charges, scale: 100, unit: percent, good: up,
          synonyms: [margin, operating margin]}
      - {name: patients, dataset: visits, aggregate: count_distinct, expr: patient_id, filter: "status = 'Completed'",
          filter_note: completed visits, good: up, synonyms: [number of patients, unique patients, people treated]}
      - {name: wait_time, label: Average wait, dataset: visits, aggregate: average, expr: wait_minutes,
          filter: "status = 'Completed'", unit: minutes, good: down, synonyms: [waiting time, average waiting time,
          wait]}
      - {name: length_of_stay, label: Average length of stay, dataset: visits, aggregate: average, expr: stay_days,
          filter: "visit_type = 'Inpatient' AND status = 'Completed'", unit: days, good: down, synonyms: [LOS,
          length of stay, average stay]}
      - {name: readmission_rate, numerator: {dataset: visits, aggregate: sum, expr: readmitted,
          filter: "status = 'Completed'"}, denominator: visits, scale: 100, unit: percent, good: down,
          synonyms: [readmissions, share of readmissions]}
      - {name: no_show_rate, numerator: {dataset: visits, aggregate: count, filter: "status = 'No-show'"},
          denominator: {dataset: visits, aggregate: count}, scale: 100, unit: percent, good: down,
          synonyms: [missed appointment rate]}
      - {name: occupied_beds, dataset: beds, aggregate: sum, expr: beds_occupied, synonyms: [beds in use, beds taken]}
      - {name: bed_capacity, dataset: beds, aggregate: sum, expr: beds_total, synonyms: [beds, total beds,
          staffed beds]}
      - {name: occupancy_rate, numerator: occupied_beds, denominator: bed_capacity, scale: 100, unit: percent,
          synonyms: [bed occupancy, occupancy, bed utilisation]}
      - {name: complaints, dataset: complaints, aggregate: count, good: down, synonyms: [number of complaints,
          grievances]}
      - {name: days_to_close, label: Days to close, dataset: complaints, aggregate: average, expr: days_to_close,
          unit: days, good: down, synonyms: [handling time, time to close]}
      - {name: complaint_rate, label: "Complaints per 1,000 visits", numerator: complaints, denominator: visits,
          scale: 1000, good: down, synonyms: [complaint rate, complaints per visit]}
      - {name: budget, dataset: budgets, aggregate: sum, expr: budget_amount, unit: USD, synonyms: [planned charges,
          plan]}
      - {name: budget_attainment, numerator: charges, denominator: budget, scale: 100, unit: percent, good: up,
          synonyms: [attainment, actual vs budget, charges vs budget]}

    filters:
      - {name: long_waits, dataset: visits, expr: "wait_minutes > 60", label: waits of more than an hour,
          synonyms: [long waits, waits over an hour]}

    language:
      starters: [How many visits did we have last month?, Charges by region this year,
          Top 5 clinics by wait time last quarter]
      defaults: {busiest: visits}
      clarify:
        - {word: performance, options: [visits, charges, wait_time]}
      unavailable:
        - {topic: staff pay, words: [salary, salaries, wage, wages, payroll, overtime pay],
            say: Pay data is not connected.}
        - {topic: medication, words: [drug, drugs, medication, prescriptions, pharmacy],
            say: Medication data is not connected.}
        - {topic: diagnoses of persons, words: [patient name, patient names, medical record, diagnosis],
            say: Records of single patients are not connected.}
    """
}
