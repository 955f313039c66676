#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/analysis/transfer.h"
#include "client/cli/commands.h"
#include "client/cli/cross_question.h"
#include "client/cli/sweep_artifacts.h"
#include "client/render/heatmap.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct TransferFlags {
  CrossFlags cross;
  std::string metric = "accuracy";
  std::string standardize = "fitted";
};

// One layer's scores, [fitted][tested]; none where an artifact is missing.
struct TransferMatrix {
  int layer = 0;
  int64_t test_rows = 0;
  int64_t test_groups = 0;
  std::vector<std::vector<std::optional<TransferScore>>> scores;
};

class TransferQuestion {
 public:
  TransferQuestion(const TransferFlags& flags, const CrossQuestion& question, SweepArtifacts& artifacts)
      : flags_(flags), question_(question), artifacts_(artifacts) {}

  absl::StatusOr<TransferMatrix> Answer(int layer) {
    const auto count = static_cast<size_t>(question_.checkpoints());
    TransferMatrix matrix;
    matrix.layer = layer;
    matrix.scores.assign(count, std::vector<std::optional<TransferScore>>(count));
    PS_ASSIGN_OR_RETURN(const std::vector<std::optional<LinearProbe>> probes, ReadProbes(layer));
    TestRows first;  // the first checkpoint's that has any
    for (size_t tested = 0; tested < count; ++tested) {
      PS_ASSIGN_OR_RETURN(const std::optional<TestRows> rows, FetchTestRows(layer, NameOf(tested)));
      if (!rows) continue;
      if (first.rows.empty()) first = *rows;
      // A probe is judged on rows that it was not fitted on only when each checkpoint's split is the same.
      if (rows->rows != first.rows || rows->labels != first.labels) {
        return absl::DataLossError(absl::StrCat("the representations of ", NameOf(tested),
                                                " have other test rows than those of earlier checkpoints"));
      }
      for (size_t fitted = 0; fitted < count; ++fitted) {
        PS_ASSIGN_OR_RETURN(matrix.scores[fitted][tested], Score(probes, fitted, tested, *rows));
      }
    }
    matrix.test_rows = static_cast<int64_t>(first.rows.size());
    std::sort(first.groups.begin(), first.groups.end());
    matrix.test_groups = std::unique(first.groups.begin(), first.groups.end()) - first.groups.begin();
    return matrix;
  }

 private:
  const std::string& NameOf(size_t checkpoint) const {
    return question_.checkpoint(static_cast<int>(checkpoint)).name();
  }
  const std::string& protocol() const { return question_.grid().protocol; }

  absl::StatusOr<std::vector<std::optional<LinearProbe>>> ReadProbes(int layer) {
    std::vector<std::optional<LinearProbe>> probes;
    for (int i = 0; i < question_.checkpoints(); ++i) {
      const std::string& name = question_.checkpoint(i).name();
      PS_ASSIGN_OR_RETURN(const std::optional<ArtifactFile> file, artifacts_.Fetch("probes", name));
      probes.emplace_back();
      if (!file) continue;
      absl::StatusOr<LinearProbe> probe = ReadProbe(*file, protocol(), layer);
      if (!probe.ok()) return Annotate(probe.status(), absl::StrCat("the probes of ", name));
      probes.back() = *std::move(probe);
    }
    return probes;
  }

  absl::StatusOr<std::optional<TestRows>> FetchTestRows(int layer, const std::string& checkpoint) {
    const std::string kind = absl::StrCat("representations.layer_", layer);
    PS_ASSIGN_OR_RETURN(const std::optional<ArtifactFile> file, artifacts_.Fetch(kind, checkpoint));
    if (!file) return std::optional<TestRows>();
    absl::StatusOr<TestRows> rows = ReadTestRows(*file, protocol(), layer);
    artifacts_.Drop(kind, checkpoint);  // they are large
    if (!rows.ok()) return Annotate(rows.status(), absl::StrCat("the representations of ", checkpoint));
    return std::optional<TestRows>(*std::move(rows));
  }

  absl::StatusOr<std::optional<TransferScore>> Score(const std::vector<std::optional<LinearProbe>>& probes,
                                                     size_t fitted, size_t tested,
                                                     const TestRows& rows) const {
    const bool own = flags_.standardize == "fitted";
    if (!probes[fitted] || (!own && !probes[tested])) return std::optional<TransferScore>();
    absl::StatusOr<TransferScore> score =
        ScoreTransfer(*probes[fitted], own ? nullptr : &*probes[tested], rows);
    if (score.ok()) return std::optional<TransferScore>(*score);
    return Annotate(score.status(), absl::StrCat(NameOf(fitted), " on ", NameOf(tested)));
  }

  const TransferFlags& flags_;
  const CrossQuestion& question_;
  SweepArtifacts& artifacts_;
};

Records RecordsOf(const TransferFlags& flags, const CrossQuestion& question,
                  const std::vector<TransferMatrix>& matrices) {
  Records records{QuestionColumns(), {}};
  for (const char* column : {"layer", "fitted_checkpoint", "fitted_step", "fitted_tokens",
                             "tested_checkpoint", "tested_step", "tested_tokens", "standardize", "n_test",
                             "n_test_groups", "accuracy", "accuracy_low", "accuracy_high", "auroc"}) {
    records.columns.emplace_back(column);
  }
  const auto append = [](std::vector<RecordCell>& row, const std::vector<RecordCell>& cells) {
    row.insert(row.end(), cells.begin(), cells.end());
  };
  for (const TransferMatrix& matrix : matrices) {
    for (int fitted = 0; fitted < question.checkpoints(); ++fitted) {
      for (int tested = 0; tested < question.checkpoints(); ++tested) {
        const auto& score = matrix.scores[static_cast<size_t>(fitted)][static_cast<size_t>(tested)];
        if (!score) continue;
        std::vector<RecordCell> row = QuestionCells(question);
        row.push_back(RecordCell::Integer(matrix.layer));
        append(row, CheckpointCells(question.checkpoint(fitted)));
        append(row, CheckpointCells(question.checkpoint(tested)));
        append(row, {RecordCell::Text(flags.standardize), RecordCell::Integer(matrix.test_rows),
                     RecordCell::Integer(matrix.test_groups), RecordCell::Number(score->accuracy),
                     RecordCell::Number(score->accuracy_interval.low),
                     RecordCell::Number(score->accuracy_interval.high), RecordCell::Number(score->auroc)});
        records.rows.push_back(std::move(row));
      }
    }
  }
  return records;
}

HeatmapCells CellsOf(const std::string& metric, const CrossQuestion& question, const TransferMatrix& matrix) {
  const std::vector<std::string>& labels = question.grid().axis.labels;
  HeatmapCells cells{"fitted at", labels, absl::StrCat("tested at ", question.grid().axis.title), labels, {}};
  for (const auto& row : matrix.scores) {
    auto& values = cells.values.emplace_back();
    for (const std::optional<TransferScore>& score : row) {
      values.push_back(!score                 ? std::nullopt
                       : metric == "accuracy" ? std::optional<double>(score->accuracy)
                                              : score->auroc);
    }
  }
  return cells;
}

// How sure one cell is, and what a probe must beat.
std::string FootnoteOf(const CrossQuestion& question, const TransferMatrix& matrix) {
  double half = 0;
  for (const auto& row : matrix.scores) {
    for (const std::optional<TransferScore>& score : row) {
      if (score) half = std::max(half, (score->accuracy_interval.high - score->accuracy_interval.low) / 2);
    }
  }
  std::string text =
      absl::StrFormat("%d test rows in %d groups; the widest 95 %% interval of an accuracy is ±%.3f",
                      matrix.test_rows, matrix.test_groups, half);
  const v1::ResultRow* result =
      question.grid().rows[static_cast<size_t>(matrix.layer)][static_cast<size_t>(LastCheckpoint(question))];
  for (const char* baseline : {"surface", "majority"}) {
    const auto value =
        result == nullptr ? std::nullopt : ValueOf(*result, absl::StrCat(baseline, "_accuracy"));
    if (value) absl::StrAppendFormat(&text, "; %s %.3f", baseline, *value);
  }
  return text + "\n";
}

std::string TableOf(const TransferFlags& flags, const CrossQuestion& question,
                    const std::vector<TransferMatrix>& matrices, const Terminal& terminal) {
  std::vector<double> values;
  std::vector<HeatmapCells> all;
  for (const TransferMatrix& matrix : matrices) {
    all.push_back(CellsOf(flags.metric, question, matrix));
    for (const auto& row : all.back().values) {
      for (const std::optional<double>& value : row) {
        if (value) values.push_back(*value);
      }
    }
  }
  const ColorScale scale = ScaleFor(flags.metric, values);
  std::string text = absl::StrCat(QuestionHeading(question), ": a checkpoint's probe on another's rows",
                                  flags.standardize == "fitted" ? "" : ", standardised as the other's", "\n",
                                  HeatmapLegend(flags.metric, scale, terminal));
  for (size_t i = 0; i < matrices.size(); ++i) {
    absl::StrAppend(&text, "\nlayer ", matrices[i].layer, "\n", HeatmapText(all[i], scale, terminal),
                    FootnoteOf(question, matrices[i]));
  }
  return text;
}

absl::Status Transfer(const TransferFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const CrossQuestion question, Ask(flags.cross, session));
  PS_ASSIGN_OR_RETURN(const std::vector<int> layers, ChosenLayers(flags.cross, question));
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(SweepArtifacts artifacts,
                      SweepArtifacts::Open(question.results.sweep, flags.cross.dimension, client));
  PS_RETURN_IF_ERROR(artifacts.Require("probes", "keep_probes"));
  PS_RETURN_IF_ERROR(
      artifacts.Require(absl::StrCat("representations.layer_", layers[0]), "keep_representations"));
  TransferQuestion transfer(flags, question, artifacts);
  std::vector<TransferMatrix> matrices;
  for (const int layer : layers) {
    PS_ASSIGN_OR_RETURN(TransferMatrix matrix, transfer.Answer(layer));
    matrices.push_back(std::move(matrix));
  }
  return WriteOutput(flags.cross.output,
                     TableOf(flags, question, matrices, OutputTerminal(flags.cross.output, session)),
                     RecordsOf(flags, question, matrices), session);
}

}  // namespace

void AddResultsTransfer(CLI::App& group, Action& action) {
  auto flags = std::make_shared<TransferFlags>();
  CLI::App* command =
      group.add_subcommand("transfer", "How probes fitted at one checkpoint do at the others");
  AddCrossFlags(*command, flags->cross);
  AddLayerFlags(*command, flags->cross);
  command->add_option("--metric", flags->metric, "Of the table: accuracy or auroc")
      ->check(CLI::IsMember({"accuracy", "auroc"}))
      ->capture_default_str();
  command
      ->add_option("--standardize", flags->standardize,
                   "By the means and spreads of the checkpoint where the probe was fitted, or is tested")
      ->check(CLI::IsMember({"fitted", "tested"}))
      ->capture_default_str();
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Transfer(*flags, session); }; });
}

}  // namespace probesweep::client
