extension PageAssets {
  /// The files of the folder `Page`, by name; SwiftPM makes `PackageResources` of them.
  static var embedded: [String: [UInt8]] {
    [
      "answer-card.js": PackageResources.answer_card_js,
      "api.js": PackageResources.api_js,
      "chart-view.js": PackageResources.chart_view_js,
      "coach.css": PackageResources.coach_css,
      "composer.js": PackageResources.composer_js,
      "conversation.js": PackageResources.conversation_js,
      "dom.js": PackageResources.dom_js,
      "format.js": PackageResources.format_js,
      "goals.js": PackageResources.goals_js,
      "index.html": PackageResources.index_html,
      "investigation.js": PackageResources.investigation_js,
      "main.js": PackageResources.main_js,
      "problems.js": PackageResources.problems_js,
      "prose.js": PackageResources.prose_js,
      "result-table.js": PackageResources.result_table_js,
      "runs.js": PackageResources.runs_js,
      "sidebar.js": PackageResources.sidebar_js,
      "sql-view.js": PackageResources.sql_view_js,
      "sse.js": PackageResources.sse_js,
      "steps.js": PackageResources.steps_js,
      "tabs.js": PackageResources.tabs_js,
      "theme-early.js": PackageResources.theme_early_js,
      "theme.js": PackageResources.theme_js,
      "turn.js": PackageResources.turn_js,
    ]
  }
}
