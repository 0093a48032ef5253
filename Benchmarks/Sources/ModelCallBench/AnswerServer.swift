import CoachTesting
import CoachVocabulary
import Foundation
import HTTPClientKit

/// Answers every request with the same bytes, on one thread and as fast as the sockets allow, so that it is not what is
/// measured.
struct AnswerServer {
  private let listener: Int32
  private let answer: [UInt8]
  private var received: [Int32: [UInt8]] = [:]

  /// Makes a server whose answer has these events as its body, each in a chunk of its own as servers of models send it.
  init(answer events: [[UInt8]]) throws {
    var bytes = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    for event in events { bytes += Array("\(String(event.count, radix: 16))\r\n".utf8) + event + Array("\r\n".utf8) }
    answer = bytes + Array("0\r\n\r\n".utf8)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard listener >= 0 else { throw BenchFailure("no socket") }
  }

  /// The answer that the scripted server gives, event by event.
  static func record() async throws -> [[UInt8]] {
    let reply = String(repeating: "The model answers in a few words. ", count: 6)
    let server = ScriptedModelServer([ScriptedExchange(reply: reply)])
    try server.start()
    let request: JSONValue = [
      "model": "m", "stream": true, "stream_options": ["include_usage": true],
      "messages": [["role": "system", "content": "You are brief."], ["role": "user", "content": "How are you?"]],
    ]
    let body = try await HTTPClient().send(
      HTTPRequest(
        method: "POST",
        url: "\(server.baseURL)/chat/completions",
        headers: [("Content-Type", "application/json")],
        body: Array(request.text.utf8)
      )
    ).body
    await server.stop()
    let events = String(decoding: body, as: UTF8.self).components(separatedBy: "\n\n").filter { !$0.isEmpty }
    return events.map { Array("\($0)\n\n".utf8) }
  }

  /// Prints its URL and serves until it is killed.
  mutating func serve() throws -> Never {
    let port = try listen()
    FileHandle.standardOutput.write(Data("http://127.0.0.1:\(port)/v1\n".utf8))
    while true {
      // A few dozen descriptors, so asking for all of them each time costs next to nothing.
      var asked = ([listener] + received.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&asked, nfds_t(asked.count), -1) > 0 else { continue }
      for ready in asked where ready.revents != 0 {
        if ready.fd == listener { accept() } else { read(ready.fd) }
      }
    }
  }

  private func listen() throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length) + Foundation.listen(listener, 256) + getsockname(listener, generic, &length)
      }
    }
    guard code == 0 else { throw BenchFailure("no port") }
    return UInt16(bigEndian: address.sin_port)
  }

  private mutating func accept() {
    let descriptor = Foundation.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    received[descriptor] = []
  }

  private mutating func read(_ descriptor: Int32) {
    var part = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &part, part.count, 0)
    guard count > 0 else {
      received[descriptor] = nil
      close(descriptor)
      return
    }
    received[descriptor]? += part[..<count]
    guard let bytes = received[descriptor], Self.isComplete(bytes) else { return }
    received[descriptor] = []
    send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL))
  }

  /// Whether a whole request is there; the client sends the next one only after the answer.
  private static func isComplete(_ bytes: [UInt8]) -> Bool {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
    let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }?.dropFirst(15)
    return bytes.count - end.upperBound >= Int(length?.drop { $0 == " " } ?? "0") ?? 0
  }
}
