#include "server/store/postgres_values.h"

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/unicode.h"

namespace probesweep::server {
namespace {

// Object identifiers of built-in types: pg_type.dat.
enum PostgresType : Oid { kInt8 = 20, kInt2 = 21, kInt4 = 23, kFloat4 = 700, kFloat8 = 701 };

std::string Storable(const std::string& text) {
  if (text.find('\0') == std::string::npos && FindInvalidUtf8(text) == absl::string_view::npos) return text;
  return absl::StrReplaceAll(ReplaceInvalidUtf8(text), {{absl::string_view("\0", 1), "\xEF\xBF\xBD"}});
}

std::string TextOf(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* real = std::get_if<double>(&value)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", *real);
    return text;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return Storable(*text);
  return "";
}

SqlValue ValueOf(Oid type, absl::string_view text) {
  int64_t integer = 0;
  double real = 0;
  switch (type) {
    case kInt8:
    case kInt2:
    case kInt4:
      if (absl::SimpleAtoi(text, &integer)) return integer;
      break;
    case kFloat4:
    case kFloat8:
      if (absl::SimpleAtod(text, &real)) return real;
      break;
    default:
      break;
  }
  return std::string(text);
}

}  // namespace

PostgresParameters::PostgresParameters(const SqlRow& row) {
  texts_.reserve(row.size());  // pointers into it stay valid
  pointers_.reserve(row.size());
  for (const SqlValue& value : row) {
    texts_.push_back(TextOf(value));
    pointers_.push_back(std::holds_alternative<std::monostate>(value) ? nullptr : texts_.back().c_str());
  }
}

void ReadPostgresRow(const PGresult* result, int row, SqlRow& values) {
  values.resize(static_cast<size_t>(PQnfields(result)));
  for (int column = 0; column < PQnfields(result); ++column) {
    SqlValue& value = values[static_cast<size_t>(column)];
    if (PQgetisnull(result, row, column) == 1) {
      value = SqlValue();
      continue;
    }
    const auto length = static_cast<size_t>(PQgetlength(result, row, column));
    value = ValueOf(PQftype(result, column), absl::string_view(PQgetvalue(result, row, column), length));
  }
}

absl::StatusCode CodeOfSqlState(absl::string_view sql_state) {
  if (sql_state == "23505") return absl::StatusCode::kAlreadyExists;  // unique_violation
  // 25006: read_only_sql_transaction (a server that follows another), 25P03: idle too long in a transaction,
  // 55P03: lock_not_available.
  if (sql_state == "25006" || sql_state == "25P03" || sql_state == "55P03")
    return absl::StatusCode::kUnavailable;
  // Connections, serialisation and deadlocks, resources, the operator, the machine.
  for (const char* passing : {"08", "40", "53", "57", "58"}) {
    if (absl::StartsWith(sql_state, passing)) return absl::StatusCode::kUnavailable;
  }
  // data_corrupted, index_corrupted.
  if (sql_state == "XX001" || sql_state == "XX002") return absl::StatusCode::kDataLoss;
  return absl::StatusCode::kInternal;
}

}  // namespace probesweep::server
