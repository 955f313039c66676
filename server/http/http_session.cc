#include "server/http/http_session.h"

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace probesweep::server::internal {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string Text(beast::string_view view) { return std::string(view.data(), view.size()); }

}  // namespace

void HttpGate::Post(std::function<void()> function) {
  absl::MutexLock lock(&mutex_);
  if (context_ != nullptr) boost::asio::post(*context_, std::move(function));
}

void HttpGate::Close() {
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
}

HttpSession::HttpSession(boost::asio::ip::tcp::socket socket, HttpSessionContext* context)
    : context_(context),
      stream_(std::move(socket)),
      reply_timer_(stream_.get_executor()),
      buffer_(context->options.max_header_bytes + context->options.max_body_bytes) {
  ++context_->open_connections;
}

HttpSession::~HttpSession() { --context_->open_connections; }

void HttpSession::Read() {
  parser_.emplace();
  parser_->header_limit(context_->options.max_header_bytes);
  parser_->body_limit(context_->options.max_body_bytes);
  stream_.expires_after(absl::ToChronoMilliseconds(context_->options.request_timeout));
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
}

void HttpSession::OnRead(beast::error_code error) {
  if (error == http::error::end_of_stream) return Close();
  if (error) return Refuse(error);
  Dispatch();
}

void HttpSession::Refuse(beast::error_code error) {
  keep_alive_ = false;
  head_only_ = false;
  answered_ = true;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    Write(PlainText(431, "The request's header is too large.\n"));
  } else if (error == http::error::body_limit) {
    Write(PlainText(413, "The request's body is too large.\n"));
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::partial_message) {
    Write(PlainText(400, absl::StrCat("This is not an HTTP request: ", error.message(), ".\n")));
  } else {
    Close();  // the peer is gone, or took too long to say what it wants
  }
}

void HttpSession::Dispatch() {
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  head_only_ = message.method() == http::verb::head;
  version_ = message.version();
  answered_ = false;
  const uint64_t number = ++request_number_;
  // No read or write is in progress: the timer keeps the session alive while it waits for the route.
  stream_.expires_never();
  reply_timer_.expires_after(absl::ToChronoMilliseconds(context_->options.reply_timeout));
  reply_timer_.async_wait([self = shared_from_this(), number](beast::error_code error) {
    if (error) return;
    self->Answer(number, PlainText(503, "The coordinator did not answer in time.\n"));
  });
  const HttpRequest request{Text(message.method_string()), Text(message.target())};
  context_->routes.Handle(request,
                          [gate = context_->gate, session = weak_from_this(), number](HttpResponse response) {
                            gate->Post([session, number, response = std::move(response)]() mutable {
                              if (auto self = session.lock()) self->Answer(number, std::move(response));
                            });
                          });
}

void HttpSession::Answer(uint64_t request_number, HttpResponse response) {
  if (answered_ || request_number != request_number_) return;
  answered_ = true;
  reply_timer_.cancel();
  Write(std::move(response));
}

void HttpSession::Write(HttpResponse response) {
  http::response_header<> header;
  header.version(version_);
  header.result(static_cast<unsigned>(response.status));
  header.set(http::field::content_type, response.content_type);
  header.set(http::field::cache_control, "no-store");
  header.set("X-Content-Type-Options", "nosniff");
  if (!response.allow.empty()) header.set(http::field::allow, response.allow);
  if (head_only_) {
    http::response<http::empty_body> message(std::move(header));
    message.content_length(response.body.size());
    Send(std::move(message));
  } else {
    http::response<http::string_body> message(std::move(header), std::move(response.body));
    message.prepare_payload();
    Send(std::move(message));
  }
}

template <typename Body>
void HttpSession::Send(http::response<Body> message) {
  message.keep_alive(keep_alive_);
  auto owned = std::make_shared<http::response<Body>>(std::move(message));
  outgoing_ = owned;
  stream_.expires_after(absl::ToChronoMilliseconds(context_->options.reply_timeout));
  http::async_write(stream_, *owned, [self = shared_from_this()](beast::error_code error, size_t) {
    self->outgoing_.reset();
    if (error || !self->keep_alive_) return self->Close();
    self->Read();
  });
}

void HttpSession::Close() {
  beast::error_code ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.close();
}

}  // namespace probesweep::server::internal
