#include "server/http/monitoring_routes.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace probesweep::server {
namespace {

HttpResponse Ask(const Route& route) {
  HttpResponse answer;
  answer.status = 0;
  route.handle({"GET", route.path}, [&](HttpResponse response) { answer = std::move(response); });
  return answer;
}

TEST(MonitoringRoutesTest, MetricsAreInPrometheusTextFormat) {
  auto registry = std::make_shared<prometheus::Registry>();
  prometheus::BuildCounter().Name("things_total").Help("Things.").Register(*registry).Add({}).Increment(3);
  const HttpResponse response = Ask(MetricsRoute(registry));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.body, "# HELP things_total Things.\n# TYPE things_total counter\nthings_total 3\n");
}

TEST(MonitoringRoutesTest, HealthIsAnsweredWithoutAskingAnything) {
  const HttpResponse response = Ask(HealthRoute());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok\n");
}

TEST(MonitoringRoutesTest, ReadinessSaysWhyNot) {
  const HttpResponse ready = Ask(ReadinessRoute([](auto done) { done(absl::OkStatus()); }));
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, "ready\n");
  const HttpResponse not_ready =
      Ask(ReadinessRoute([](auto done) { done(absl::UnavailableError("the store does not answer")); }));
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_EQ(not_ready.body, "not ready: the store does not answer\n");
}

TEST(MonitoringRoutesTest, ReadinessMayAnswerLater) {
  absl::AnyInvocable<void(absl::Status)> pending;
  const Route route = ReadinessRoute([&](auto done) { pending = std::move(done); });
  int status = 0;
  route.handle({"GET", "/readyz"}, [&](HttpResponse response) { status = response.status; });
  EXPECT_EQ(status, 0);
  pending(absl::OkStatus());
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace probesweep::server
