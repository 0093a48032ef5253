#pragma once
#include <mariadb/mysql.h>
#include <string.h>

/// Options by their own type, since `mysql_optionsv` is variadic.
static inline int cmariadb_set_number(MYSQL *connection, enum mysql_option option, unsigned int value) {
  return mysql_options(connection, option, &value);
}
static inline int cmariadb_set_text(MYSQL *connection, enum mysql_option option, const char *value) {
  return mysql_options(connection, option, value);
}

/// Describes a text that goes to the server, or the place for one that comes from it.
static inline void cmariadb_describe_text(
  MYSQL_BIND *bind, char *text, unsigned long size, unsigned long *length, my_bool *is_null
) {
  memset(bind, 0, sizeof(MYSQL_BIND));
  bind->buffer_type = MYSQL_TYPE_STRING;
  bind->buffer = text;
  bind->buffer_length = size;
  bind->length = length;
  bind->is_null = is_null;
}

/// What kind of value a column has: 1 whole number, 2 floating point, 3 decimal, 4 bytes, 0 text.
static inline int cmariadb_kind(const MYSQL_FIELD *field) {
  switch (field->type) {
    case MYSQL_TYPE_TINY: case MYSQL_TYPE_SHORT: case MYSQL_TYPE_LONG: case MYSQL_TYPE_LONGLONG: case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_YEAR: return 1;
    case MYSQL_TYPE_FLOAT: case MYSQL_TYPE_DOUBLE: return 2;
    case MYSQL_TYPE_DECIMAL: case MYSQL_TYPE_NEWDECIMAL: return 3;
    case MYSQL_TYPE_TINY_BLOB: case MYSQL_TYPE_MEDIUM_BLOB: case MYSQL_TYPE_LONG_BLOB: case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING: case MYSQL_TYPE_VAR_STRING: return field->charsetnr == 63 ? 4 : 0;
    default: return 0;
  }
}
