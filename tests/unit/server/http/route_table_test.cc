#include "server/http/route_table.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace probesweep::server {
namespace {

HttpResponse Ask(const std::string& method, const std::string& target) {
  const RouteTable table({{"/one", "the first", [](const HttpRequest& request, HttpReply reply) {
                             reply(PlainText(200, "one " + request.target));
                           }}});
  int replies = 0;
  HttpResponse answer;
  table.Handle({method, target}, [&](HttpResponse response) {
    ++replies;
    answer = std::move(response);
  });
  EXPECT_EQ(replies, 1);
  return answer;
}

TEST(RouteTableTest, AnswersByPathMethodAndQuery) {
  const struct {
    const char* intent;
    const char* method;
    const char* target;
    int status;
    const char* body;
  } cases[] = {
      {"a known path reaches its handler", "GET", "/one", 200, "one /one"},
      {"a query does not change the route and is passed on", "GET", "/one?a=b", 200, "one /one?a=b"},
      {"HEAD is handled like GET", "HEAD", "/one", 200, "one /one"},
      {"an unknown path is not found", "GET", "/two", 404, "Nothing is here. What there is: /\n"},
      {"a longer path is another path", "GET", "/one/more", 404, "Nothing is here. What there is: /\n"},
      {"other methods are refused on a known path", "POST", "/one", 405,
       "Only GET and HEAD are answered here.\n"},
      {"other methods are refused on the index", "DELETE", "/", 405,
       "Only GET and HEAD are answered here.\n"},
      {"an unknown path stays unknown for other methods", "POST", "/two", 404,
       "Nothing is here. What there is: /\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.intent);
    const HttpResponse response = Ask(c.method, c.target);
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(response.body, c.body);
    EXPECT_EQ(response.allow, c.status == 405 ? "GET, HEAD" : "");
  }
}

TEST(RouteTableTest, IndexListsEveryRouteWithItsDescription) {
  const HttpResponse response = Ask("GET", "/");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(absl::StrContains(response.body, "/one"));
  EXPECT_TRUE(absl::StrContains(response.body, "the first"));
}

}  // namespace
}  // namespace probesweep::server
