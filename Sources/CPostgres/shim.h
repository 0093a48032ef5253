#pragma once
#include <postgresql/libpq-fe.h>

/// The codes of fields of an error are character macros, which Swift does not import as numbers.
static inline int cpostgres_field_severity(void) {
  return PG_DIAG_SEVERITY_NONLOCALIZED;
}
static inline int cpostgres_field_sql_state(void) {
  return PG_DIAG_SQLSTATE;
}
static inline int cpostgres_field_message(void) {
  return PG_DIAG_MESSAGE_PRIMARY;
}
static inline int cpostgres_field_hint(void) {
  return PG_DIAG_MESSAGE_HINT;
}
static inline int cpostgres_field_position(void) {
  return PG_DIAG_STATEMENT_POSITION;
}
static inline int cpostgres_field_constraint(void) {
  return PG_DIAG_CONSTRAINT_NAME;
}
static inline int cpostgres_field_table(void) {
  return PG_DIAG_TABLE_NAME;
}

/// Turns a call into a plain function pointer: notices are dropped, since results carry what callers decide on.
static inline void cpostgres_ignore_notice(void *context, const PGresult *notice) {
  (void)context;
  (void)notice;
}
static inline void cpostgres_ignore_notices(PGconn *connection) {
  PQsetNoticeReceiver(connection, cpostgres_ignore_notice, (void *)0);
}
