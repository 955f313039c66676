#include "tests/fuzz/rpc/accepted.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "absl/numeric/bits.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/result_columns.h"
#include "common/unicode.h"

namespace probesweep::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kLongestText = 5000;
constexpr int kMostLayers = 10'000;

bool IsHex64(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool IsPlainName(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

// A worker's error is shown as it came: stack traces have lines.
bool MayHaveLines(const FieldDescriptor& field) { return field.name() == "error"; }

std::string WhyNoText(const std::string& text, const FieldDescriptor& field) {
  if (text.size() > kLongestText) return "is too long";
  if (FindInvalidUtf8(text) != absl::string_view::npos) return "is no UTF-8";
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); });
  return control && !MayHaveLines(field) ? "holds a control character" : "";
}

template <typename Values>
std::string ValuesText(const Values& values) {
  std::map<std::string, double> sorted(values.begin(), values.end());
  std::string text;
  for (const auto& [name, value] : sorted)
    absl::StrAppend(&text, " ", name, "=", absl::Hex(absl::bit_cast<uint64_t>(value)));
  return text;
}

std::string Assemble(std::vector<std::string> rows, const std::string& digest,
                     const v1::Provenance& provenance) {
  std::sort(rows.begin(), rows.end());
  std::string text = absl::StrCat(digest, "\n", provenance.SerializeAsString(), "\n");
  for (const std::string& row : rows) absl::StrAppend(&text, row, "\n");
  return text;
}

std::string WhyNotADimension(const v1::Dimension& dimension, const std::set<std::string>& blobs) {
  if (!IsPlainName(dimension.name())) return "its name is none";
  if (dimension.dataset().empty()) return "it has no dataset";
  if (!IsHex64(dimension.dataset_digest())) return "the dataset has no digest";
  if (blobs.count(dimension.dataset_digest()) == 0) return "the dataset was never uploaded";
  const double share = dimension.steering_share();
  if (!(share > 0 && share <= 1)) return "steering_share";
  return !dimension.group_column().empty() && !dimension.group_rule().empty() ? "it has two ways to group"
                                                                              : "";
}

std::string WhyNotAnAnalysis(const v1::AnalysisConfig& analysis) {
  const std::set<std::string> known = {"released", "paper", "calibrated"};
  const std::set<std::string> protocols(analysis.protocols().begin(), analysis.protocols().end());
  if (protocols.empty() || protocols.size() != static_cast<size_t>(analysis.protocols_size()))
    return "protocols";
  if (!std::includes(known.begin(), known.end(), protocols.begin(), protocols.end()))
    return "an unknown protocol";
  for (const double value : {analysis.probe_c(), analysis.hsic_sigma(), analysis.hsic_epsilon()}) {
    if (!(value > 0)) return "a width or strength that is not above 0";
  }
  if (analysis.splits() < 2 || analysis.seed() < 0 || analysis.permutations() < 0)
    return "splits, seed, permutations";
  return "";
}

std::string WhyNotASpec(const v1::SweepSpec& spec, const std::set<std::string>& blobs) {
  if (!IsPlainName(spec.name())) return "its name is none";
  if (spec.model().empty()) return "it has no model";
  if (!(spec.weight() > 0)) return "weight";
  if (spec.tokens_per_step() < 0) return "tokens_per_step";
  if (spec.dimensions().empty() || spec.checkpoints().empty()) return "nothing to do";
  if (!v1::Priority_IsValid(spec.priority())) return "priority";
  std::set<std::string> names;
  for (const v1::Dimension& dimension : spec.dimensions()) {
    if (!names.insert(dimension.name()).second) return "a dimension is there twice";
    if (const std::string why = WhyNotADimension(dimension, blobs); !why.empty())
      return dimension.name() + ": " + why;
  }
  return WhyNotAnAnalysis(spec.analysis());
}

}  // namespace

std::string ResultText(const v1::CommitTaskRequest& commit) {
  std::vector<std::string> rows;
  for (const v1::LayerResult& row : commit.results()) {
    rows.push_back(absl::StrCat(row.layer(), " ", row.protocol(), ValuesText(row.values())));
  }
  return Assemble(std::move(rows), commit.checkpoint_digest(), commit.provenance());
}

std::string ResultText(const std::vector<v1::ResultRow>& rows_of_one_task) {
  std::vector<std::string> rows;
  for (const v1::ResultRow& row : rows_of_one_task) {
    rows.push_back(absl::StrCat(row.layer(), " ", row.protocol(), ValuesText(row.values())));
  }
  const v1::ResultRow& first = rows_of_one_task.front();
  return Assemble(std::move(rows), first.checkpoint_digest(), first.provenance());
}

std::string WhyNotShowable(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      std::string why;
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        why = WhyNoText(field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                             : reflection.GetString(message, field),
                        *field);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        const double value = field->is_repeated() ? reflection.GetRepeatedDouble(message, field, i)
                                                  : reflection.GetDouble(message, field);
        if (!std::isfinite(value)) why = "is not finite";
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        why = WhyNotShowable(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                  : reflection.GetMessage(message, field));
        if (!why.empty()) return why;
      }
      if (!why.empty()) return absl::StrCat(field->full_name(), " ", why);
    }
  }
  return "";
}

std::string WhyNotASweep(const v1::Sweep& sweep, const std::set<std::string>& blobs) {
  if (const std::string why = WhyNotASpec(sweep.spec(), blobs); !why.empty()) return why;
  if (sweep.checkpoints().empty()) return "no checkpoints";
  std::set<std::string> names;
  for (const v1::Checkpoint& checkpoint : sweep.checkpoints()) {
    if (checkpoint.name().empty() || absl::StrContains(checkpoint.name(), "/"))
      return "a checkpoint's name is a path";
    if (!names.insert(checkpoint.name()).second) return "two checkpoints have one name";
    if (checkpoint.path().empty() || checkpoint.path()[0] != '/') return "a checkpoint has no absolute path";
    if (checkpoint.step() < 0 || checkpoint.tokens() < 0) return "a negative position";
  }
  const v1::TaskCounts& tasks = sweep.tasks();
  const int64_t counted = tasks.ready() + tasks.leased() + tasks.retry_wait() + tasks.done() +
                          tasks.quarantined() + tasks.cancelled();
  return counted == int64_t{sweep.checkpoints_size()} * sweep.spec().dimensions_size()
             ? ""
             : "the tasks do not add up";
}

std::string WhyNotARow(const v1::ResultRow& row, const v1::SweepSpec& spec) {
  const auto& protocols = spec.analysis().protocols();
  if (row.layer() < 0 || row.layer() >= kMostLayers) return "no model has such a layer";
  if (std::find(protocols.begin(), protocols.end(), row.protocol()) == protocols.end())
    return "a protocol that was not asked for";
  for (const auto& [name, value] : row.values()) {
    if (FindResultColumn(name) == nullptr || !std::isfinite(value)) return "the value " + name;
  }
  const v1::Provenance& from = row.provenance();
  if (!IsHex64(row.checkpoint_digest()) || !IsHex64(from.tokenizer_digest()) ||
      !IsHex64(from.dataset_digest()))
    return "a digest";
  if (from.configuration().empty() || from.engine_version().empty() || from.device().empty() ||
      from.dtype().empty()) {
    return "its provenance has gaps";
  }
  return "";
}

}  // namespace probesweep::fuzz
