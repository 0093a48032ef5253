#pragma once
#include <errno.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/// What HTTPServerKit chooses; the address must outlive the call that starts the daemon, the context the daemon.
struct cmhd_settings {
  const struct sockaddr *address;
  unsigned int connection_limit;
  unsigned int connection_limit_per_address;
  unsigned int timeout_seconds;
  size_t connection_memory;
  void *context;
  void *(*target)(void *context, const char *target, struct MHD_Connection *connection);
  MHD_AccessHandlerCallback answer;
  MHD_RequestCompletedCallback completed;
};

/// `MHD_start_daemon` is variadic, so Swift cannot call it: this door forwards the settings and decides nothing.
/// The daemon is null when it could not start; `errno` says why.
static inline struct MHD_Daemon *cmhd_start(unsigned int flags, const struct cmhd_settings *settings) {
  errno = 0;
  return MHD_start_daemon(
    flags, 0, NULL, NULL, settings->answer, settings->context,
    MHD_OPTION_SOCK_ADDR, settings->address,
    MHD_OPTION_CONNECTION_LIMIT, settings->connection_limit,
    MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connection_limit_per_address,
    MHD_OPTION_CONNECTION_TIMEOUT, settings->timeout_seconds,
    MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory,
    MHD_OPTION_STRICT_FOR_CLIENT, 1,
    MHD_OPTION_URI_LOG_CALLBACK, settings->target, settings->context,
    MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->context,
    MHD_OPTION_END);
}

/// The port the daemon is bound to, in host order; 0 when it is not known. (`MHD_get_daemon_info` is variadic.)
static inline uint16_t cmhd_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info == NULL ? 0 : info->port;
}

/// The connection's socket, or -1. (`MHD_get_connection_info` is variadic.)
static inline int cmhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

/// The client's address, or null.
static inline const struct sockaddr *cmhd_client(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// A response whose length is not known beforehand; `MHD_SIZE_UNKNOWN` does not import.
static inline struct MHD_Response *cmhd_stream(
  size_t block, MHD_ContentReaderCallback reader, void *context, MHD_ContentReaderFreeCallback release) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, reader, context, release);
}

/// What a reader answers at the end of a stream; the macros are casts that Swift does not import.
static inline ssize_t cmhd_end_of_stream(void) {
  return MHD_CONTENT_READER_END_OF_STREAM;
}

/// What a reader answers when the stream broke: the connection is closed without a proper end.
static inline ssize_t cmhd_end_with_error(void) {
  return MHD_CONTENT_READER_END_WITH_ERROR;
}
