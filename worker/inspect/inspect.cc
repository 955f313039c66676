#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/number_format.h"
#include "common/printable.h"
#include "worker/inspect/checkpoint_report.h"
#include "worker/inspect/commands.h"
#include "worker/inspect/preview_output.h"

namespace probesweep::worker {
namespace {

using nlohmann::ordered_json;

// "6.74 B": three digits are enough to recognise a model by.
std::string ShortParameters(int64_t count) {
  const std::pair<double, const char*> units[] = {{1e9, " B"}, {1e6, " M"}, {1e3, " k"}};
  for (const auto& [unit, name] : units) {
    if (static_cast<double>(count) >= unit) {
      return absl::StrFormat("%.3g%s", static_cast<double>(count) / unit, name);
    }
  }
  return absl::StrCat(count);
}

// What a file says may be long.
std::string Shown(const std::string& text) { return Printable(text, 200); }

// A list that may be long, by its first entries.
std::string Some(const std::vector<std::string>& entries) {
  constexpr size_t kShown = 4;
  std::vector<std::string> first;
  for (const std::string& entry : entries) {
    if (first.size() < kShown) first.push_back(Shown(entry));
  }
  const size_t more = entries.size() - first.size();
  return absl::StrCat(absl::StrJoin(first, ", "), more == 0 ? "" : absl::StrCat(" and ", more, " more"));
}

void Line(std::ostream& out, const char* what, const std::string& value) {
  out << absl::StrFormat("%-14s%s\n", what, value);
}

void WriteModel(const CheckpointReport& report, std::ostream& out) {
  if (report.model_type.empty()) return;
  Line(out, "architecture",
       report.architectures.empty()
           ? Shown(report.model_type)
           : absl::StrCat(Shown(report.model_type), " (", Some(report.architectures), ")"));
  if (!report.model) return;
  const std::string positions =
      report.model->max_positions == 0 ? "" : absl::StrCat(", ", report.model->max_positions, " positions");
  Line(out, "size",
       absl::StrCat(report.model->layers, " layers, hidden size ", report.model->hidden_size, ", vocabulary ",
                    report.model->vocab_size, positions));
}

void WriteWeights(const WeightsReport& weights, std::ostream& out) {
  Line(out, "parameters",
       absl::StrCat(ShortParameters(weights.body_parameters + weights.head_parameters), " (",
                    weights.body_parameters, " embedding and blocks, ", weights.head_parameters, " head",
                    weights.tied ? ", tied to the embedding)" : ")"));
  std::vector<std::string> dtypes;
  for (const auto& [dtype, elements] : weights.dtypes) {
    dtypes.push_back(weights.dtypes.size() == 1 ? dtype : absl::StrCat(dtype, " ", elements));
  }
  Line(out, "weights",
       absl::StrCat(ByteCount(weights.bytes), " in ", weights.files.size(),
                    weights.files.size() == 1 ? " file" : " files", ", ", absl::StrJoin(dtypes, ", ")));
  if (!weights.leftovers.empty()) {
    Line(out, "not used", absl::StrCat(weights.leftovers.size(), " tensors: ", Some(weights.leftovers)));
  }
}

std::string MemoryText(const MemoryReport& memory) {
  return absl::StrCat("about ", ByteCount(memory.total()), " on the CPU: weights ", ByteCount(memory.weights),
                      ", activations ", ByteCount(memory.activations), ", residual stream ",
                      ByteCount(memory.residual_stream), " (", memory.tokens, " tokens), analysis ",
                      ByteCount(memory.analysis), " (", memory.statements,
                      " statements in the largest dimension)");
}

void WriteText(const CheckpointReport& report, std::ostream& out) {
  WriteModel(report, out);
  if (report.weights) WriteWeights(*report.weights, out);
  if (report.tokenizer) {
    Line(out, "tokenizer",
         absl::StrCat(report.tokenizer->kind, ", ", report.tokenizer->tokens, " tokens, from ",
                      report.tokenizer->file));
  }
  if (report.memory) {
    Line(out, "memory", MemoryText(*report.memory));
  }
  for (const std::string& note : report.notes) Line(out, "note", note);
  for (const absl::Status& problem : report.problems) {
    Line(out, "problem", std::string(problem.message()));
  }
  if (report.problems.empty()) Line(out, "problems", "none: this checkpoint can be probed");
  if (!report.weights || report.weights->content_digest.empty()) return;
  Line(out, "digest", report.weights->content_digest);
  for (const auto& [name, fingerprint] : report.weights->fingerprints) {
    out << fingerprint << "  " << Printable(name) << "\n";
  }
}

ordered_json WeightsJson(const WeightsReport& weights) {
  ordered_json json = {{"files", weights.files},
                       {"bytes", weights.bytes},
                       {"dtypes", weights.dtypes},
                       {"body_parameters", weights.body_parameters},
                       {"head_parameters", weights.head_parameters},
                       {"tied", weights.tied},
                       {"head", weights.head.ok()},
                       {"not_used", weights.leftovers}};
  if (!weights.content_digest.empty()) {
    json["digest"] = weights.content_digest;
    json["fingerprints"] = weights.fingerprints;
  }
  return json;
}

// Parts that could not be told are left out.
ordered_json ToJson(const CheckpointReport& report) {
  ordered_json json = {{"model_type", report.model_type}, {"architectures", report.architectures}};
  if (report.model) {
    json["layers"] = report.model->layers;
    json["hidden_size"] = report.model->hidden_size;
    json["vocab_size"] = report.model->vocab_size;
    json["max_positions"] = report.model->max_positions;
  }
  if (report.weights) json["weights"] = WeightsJson(*report.weights);
  if (report.tokenizer) {
    json["tokenizer"] = {{"file", report.tokenizer->file},
                         {"kind", report.tokenizer->kind},
                         {"tokens", report.tokenizer->tokens}};
  }
  if (report.memory) {
    json["memory_bytes"] = {
        {"tokens", report.memory->tokens},           {"weights", report.memory->weights},
        {"activations", report.memory->activations}, {"residual_stream", report.memory->residual_stream},
        {"statements", report.memory->statements},   {"analysis", report.memory->analysis}};
  }
  json["notes"] = report.notes;
  json["problems"] = ordered_json::array();
  for (const absl::Status& problem : report.problems) {
    json["problems"].push_back(std::string(problem.message()));
  }
  return json;
}

// A pass over what cannot be probed has no plan, and what is wrong with the datasets is one more problem.
std::optional<PassPreview> Preview(const InspectOptions& options, CheckpointReport& report) {
  if (options.preview.datasets.empty() || !report.problems.empty()) return std::nullopt;
  PreviewOptions wanted = options.preview;
  wanted.threads = options.threads;
  absl::StatusOr<PassPreview> preview = PreviewPass(options.checkpoint, wanted);
  if (preview.ok()) return *std::move(preview);
  report.problems.push_back(preview.status());
  return std::nullopt;
}

}  // namespace

absl::Status Inspect(const InspectOptions& options, std::ostream& output) {
  const ReportOptions wanted{options.fingerprints, options.tokens, options.statements, options.threads};
  CheckpointReport report = InspectCheckpoint(options.checkpoint, wanted);
  const std::optional<PassPreview> preview = Preview(options, report);
  if (options.json) {
    ordered_json json = ToJson(report);
    if (preview) json["plan"] = PreviewJson(*preview);
    output << json.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
  } else {
    WriteText(report, output);
    if (preview) {
      for (const auto& [what, value] : PreviewLines(*preview)) Line(output, what.c_str(), Printable(value));
    }
  }
  if (!output.flush()) return absl::UnknownError("cannot write the report; is the disk full?");
  return report.problems.empty() ? absl::OkStatus() : report.problems.front();
}

}  // namespace probesweep::worker
