#include "server/http/monitoring_routes.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::server {

Route MetricsRoute(std::shared_ptr<prometheus::Collectable> metrics) {
  return {"/metrics", "metrics for Prometheus", [metrics](const HttpRequest&, HttpReply reply) {
            HttpResponse response;
            response.content_type = "text/plain; version=0.0.4; charset=utf-8";
            response.body = prometheus::TextSerializer().Serialize(metrics->Collect());
            reply(std::move(response));
          }};
}

Route HealthRoute() {
  return {"/healthz", "200 while the process is alive",
          [](const HttpRequest&, HttpReply reply) { reply(PlainText(200, "ok\n")); }};
}

Route ReadinessRoute(ReadinessCheck check) {
  return {"/readyz", "200 when requests are served, 503 and the reason when not",
          [check = std::move(check)](const HttpRequest&, HttpReply reply) {
            check([reply = std::move(reply)](absl::Status status) mutable {
              reply(status.ok() ? PlainText(200, "ready\n")
                                : PlainText(503, absl::StrCat("not ready: ", status.message(), "\n")));
            });
          }};
}

}  // namespace probesweep::server
