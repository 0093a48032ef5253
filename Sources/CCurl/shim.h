#pragma once
#include <curl/curl.h>
#include <sys/socket.h>

/// `curl_easy_setopt`, `curl_easy_getinfo` and `curl_multi_setopt` are variadic, so Swift cannot call them: here is
/// one typed door per kind of argument. A door forwards and decides nothing; choosing options is HTTPClientKit's work.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

/// Sets an option whose value is a string; libcurl copies it.
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

/// Sets an option whose value is a pointer that libcurl keeps (contexts, buffers).
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

/// Sets the request's header lines; libcurl keeps the list but does not own it.
static inline CURLcode ccurl_set_header_lines(CURL *easy, struct curl_slist *lines) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
}

/// Sets the request's body; libcurl copies the bytes.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

/// What libcurl calls with bytes of the body or with one header line.
typedef size_t (*ccurl_sink)(char *bytes, size_t one, size_t count, void *context);

/// Sets the receiver of the body's bytes.
static inline CURLcode ccurl_set_body_sink(CURL *easy, ccurl_sink sink, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, sink);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

/// Sets the receiver of the header lines.
static inline CURLcode ccurl_set_header_sink(CURL *easy, ccurl_sink sink, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, sink);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

/// What libcurl calls to open a socket to an address: a descriptor, or `CURL_SOCKET_BAD` to refuse.
typedef curl_socket_t (*ccurl_socket_opener)(
  void *context, const struct sockaddr *address, int family, int kind, int protocol);

struct ccurl_opening {
  ccurl_socket_opener opener;
  void *context;
};

/// `struct curl_sockaddr` ends in a `struct sockaddr` that may be longer than its type says; the opener gets a pointer.
static inline curl_socket_t ccurl_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  const struct ccurl_opening *opening = context;
  return opening->opener(
    opening->context, &address->addr, address->family, address->socktype, address->protocol);
}

/// Sets the opener of sockets; `opening` must outlive the handle.
static inline CURLcode ccurl_set_socket_opener(CURL *easy, struct ccurl_opening *opening) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, ccurl_open);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, opening);
}

/// Sets an option of a multi handle whose value is a number.
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

/// The socket that means "refused"; the macro is a cast that Swift does not import.
static inline curl_socket_t ccurl_no_socket(void) {
  return CURL_SOCKET_BAD;
}

/// Reads a number that libcurl knows about a transfer; 0 when it does not know.
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
