import HTTPClientKit
import Testing

@Suite struct `The address policy` {
  @Test(arguments: [
    "169.254.0.1", "169.254.169.254", "100.100.100.200", "fe80::1", "[fe80::1%eth0]", "febf::1", "fd00:ec2::254",
    "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe",
  ])
  func `refuses link-local and metadata addresses unless they are allowed`(_ host: String) {
    #expect(AddressPolicy().refuses(host: host))
    #expect(!AddressPolicy(allowsLinkLocal: true).refuses(host: host))
  }

  @Test(arguments: [
    "127.0.0.1", "10.0.0.1", "169.253.0.1", "100.100.100.201", "::1", "fd00::1", "fec0::1", "example.com",
  ])
  func `lets other addresses pass`(_ host: String) {
    #expect(!AddressPolicy().refuses(host: host))
  }

  @Test(arguments: ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"])
  func `refuses this machine when told to`(_ host: String) {
    #expect(AddressPolicy(allowsLoopback: false).refuses(host: host))
    #expect(!AddressPolicy().refuses(host: host))
  }

  @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 17)] as [[UInt8]])
  func `refuses what is no address`(_ bytes: [UInt8]) {
    #expect(AddressPolicy(allowsLinkLocal: true).refuses(bytes))
  }
}
