#include "client/compare/comparison_text.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/render/table.h"
#include "common/number_format.h"

namespace probesweep::client {
namespace {

using Json = nlohmann::ordered_json;

std::string Cell(const std::optional<double>& value) { return value ? FormatDouble(*value) : "(none)"; }

std::string Count(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

bool Full(size_t lines, size_t limit) { return limit > 0 && lines >= limit; }

// "… and 7 more", or "".
std::string More(size_t all, size_t shown) {
  return all > shown ? absl::StrCat("… and ", all - shown, " more\n") : "";
}

std::string MissingText(const std::vector<RowKey>& keys, const std::string& there, const std::string& missing,
                        size_t limit) {
  if (keys.empty()) return "";
  std::map<std::pair<std::string, std::string>, int64_t> cells;
  for (const RowKey& key : keys) ++cells[{key.checkpoint, key.dimension}];
  Table table({{"checkpoint"}, {"dimension"}, {"rows", Align::kRight}});
  size_t shown = 0;
  for (const auto& [cell, rows] : cells) {
    if (Full(shown, limit)) break;
    table.AddRow({cell.first, cell.second, absl::StrCat(rows)});
    ++shown;
  }
  return absl::StrCat("in ", there, ", not in ", missing, ":\n", table.Text(), More(cells.size(), shown),
                      "\n");
}

std::string TimesText(double excess) {
  return std::isfinite(excess) ? absl::StrFormat("%.3g", excess) : "exact";
}

std::string DifferencesText(const Comparison& comparison, size_t limit) {
  if (comparison.differences.empty()) return "";
  Table table({{"checkpoint"},
               {"dimension"},
               {"layer", Align::kRight},
               {"protocol"},
               {"column"},
               {"a", Align::kRight},
               {"b", Align::kRight},
               {"× tolerance", Align::kRight}});
  size_t shown = 0;
  for (const Difference& difference : comparison.differences) {
    if (Full(shown, limit)) break;
    const RowKey& key = difference.key;
    table.AddRow({key.checkpoint, key.dimension, absl::StrCat(key.layer), key.protocol, difference.column,
                  Cell(difference.a), Cell(difference.b), TimesText(difference.excess)});
    ++shown;
  }
  return absl::StrCat(table.Text(), More(comparison.differences.size(), shown), "\n");
}

std::string ArtifactsText(const Comparison& comparison, size_t limit) {
  if (!comparison.artifacts || comparison.artifacts->differences.empty()) return "";
  Table table({{"checkpoint"},
               {"dimension"},
               {"artifact"},
               {"tensor"},
               {"differ", Align::kRight},
               {"a", Align::kRight},
               {"b", Align::kRight},
               {"× tolerance", Align::kRight}});
  size_t shown = 0;
  for (const ArtifactDifference& difference : comparison.artifacts->differences) {
    if (Full(shown, limit)) break;
    const TensorDifference& tensor = difference.tensor;
    table.AddRow({difference.checkpoint, difference.dimension, difference.kind, tensor.tensor,
                  tensor.values > 0 ? absl::StrCat(tensor.differing, " of ", tensor.values) : "", tensor.a,
                  tensor.b, TimesText(tensor.excess)});
    ++shown;
  }
  return absl::StrCat(table.Text(), More(comparison.artifacts->differences.size(), shown), "\n");
}

Json KeyJson(const RowKey& key) {
  return {{"checkpoint", key.checkpoint},
          {"dimension", key.dimension},
          {"layer", key.layer},
          {"protocol", key.protocol}};
}

Json NumberJson(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

Json KeysJson(const std::vector<RowKey>& keys) {
  Json list = Json::array();
  for (const RowKey& key : keys) list.push_back(KeyJson(key));
  return list;
}

Json ArtifactsJson(const ArtifactComparison& artifacts) {
  Json differences = Json::array();
  for (const auto& [checkpoint, dimension, kind, tensor] : artifacts.differences) {
    differences.push_back({{"checkpoint", checkpoint},
                           {"dimension", dimension},
                           {"kind", kind},
                           {"tensor", tensor.tensor},
                           {"a", tensor.a},
                           {"b", tensor.b},
                           {"differing", tensor.differing},
                           {"values", tensor.values},
                           {"excess", NumberJson(tensor.excess)}});
  }
  return {{"compared", artifacts.artifacts}, {"differences", std::move(differences)}};
}

// What it means that a provenance column differs.
const char* Meaning(const std::string& column) {
  static const auto* const meanings = new std::map<std::string, const char*>{
      {"checkpoint_digest", "the checkpoint's weights are not the same: its files were changed"},
      {"tokenizer_digest", "the tokenizer's files are not the same: they were changed"},
      {"dataset_digest", "the dataset is not the same"},
      {"configuration", "the analysis was configured otherwise"},
      {"engine_version", "engines of different versions computed them"},
      {"device", "they were computed on different devices"},
      {"dtype", "they were computed in different number types"},
  };
  const auto found = meanings->find(column);
  return found == meanings->end() ? "they come from different sources" : found->second;
}

}  // namespace

std::string Verdict(const Comparison& comparison, const SideNames& names) {
  std::vector<std::string> parts;
  const auto missing = [&](const std::vector<RowKey>& keys, const std::string& side) {
    if (!keys.empty()) parts.push_back(absl::StrCat(Count(keys.size(), "row"), " missing in ", side));
  };
  missing(comparison.only_b, names.a);
  missing(comparison.only_a, names.b);
  if (!comparison.differences.empty()) {
    parts.push_back(absl::StrCat(Count(comparison.differences.size(), "value"),
                                 comparison.differences.size() == 1 ? " differs" : " differ"));
  }
  if (comparison.artifacts && !comparison.artifacts->differences.empty()) {
    const size_t tensors = comparison.artifacts->differences.size();
    parts.push_back(
        absl::StrCat(Count(tensors, "tensor"), " of artifacts ", tensors == 1 ? "differs" : "differ"));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ComparisonText(const Comparison& comparison, const SideNames& names, double tolerance,
                           size_t limit) {
  std::string text = absl::StrCat(MissingText(comparison.only_a, names.a, names.b, limit),
                                  MissingText(comparison.only_b, names.b, names.a, limit),
                                  DifferencesText(comparison, limit), ArtifactsText(comparison, limit));
  const std::string artifacts =
      comparison.artifacts
          ? absl::StrCat(" and ", Count(static_cast<size_t>(comparison.artifacts->artifacts), "artifact"))
          : "";
  const std::string verdict = Verdict(comparison, names);
  return absl::StrCat(text, "compared ", Count(static_cast<size_t>(comparison.rows), "row"), " and ",
                      Count(static_cast<size_t>(comparison.values), "value"), artifacts, " within ",
                      FormatDouble(tolerance), ": ", verdict.empty() ? "all the same" : verdict, "\n");
}

std::string ComparisonJson(const Comparison& comparison, const SideNames& names, double tolerance) {
  Json differences = Json::array();
  for (const Difference& difference : comparison.differences) {
    Json entry = KeyJson(difference.key);
    entry["column"] = difference.column;
    entry["a"] = NumberJson(difference.a);
    entry["b"] = NumberJson(difference.b);
    entry["excess"] = NumberJson(difference.excess);
    differences.push_back(std::move(entry));
  }
  Json provenance = Json::object();
  for (const auto& [column, rows] : comparison.provenance) provenance[column] = rows;
  Json object = {{"a", names.a},
                 {"b", names.b},
                 {"tolerance", tolerance},
                 {"equal", comparison.Equal()},
                 {"rows", comparison.rows},
                 {"values", comparison.values},
                 {"only_in_a", KeysJson(comparison.only_a)},
                 {"only_in_b", KeysJson(comparison.only_b)},
                 {"differences", std::move(differences)},
                 {"provenance", std::move(provenance)}};
  if (comparison.artifacts) object["artifacts"] = ArtifactsJson(*comparison.artifacts);
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> ProvenanceNotes(const Comparison& comparison) {
  std::vector<std::string> notes;
  for (const auto& [column, rows] : comparison.provenance) {
    notes.push_back(
        absl::StrCat(column, " differs in ", Count(static_cast<size_t>(rows), "row"), ": ", Meaning(column)));
  }
  return notes;
}

}  // namespace probesweep::client
