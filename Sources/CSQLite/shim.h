#pragma once
#include <sqlite3.h>

/// `SQLITE_TRANSIENT` is a cast that Swift does not import. It tells SQLite to copy the bytes before the call returns.
static inline sqlite3_destructor_type csqlite_transient(void) {
  return SQLITE_TRANSIENT;
}

/// `sqlite3_db_config` is variadic, so Swift cannot call it: one door for the options that are switches.
/// It answers with SQLite's result code; choosing options is SQLiteKit's work.
static inline int csqlite_set_switch(sqlite3 *connection, int option, int on) {
  return sqlite3_db_config(connection, option, on, (int *)0);
}
