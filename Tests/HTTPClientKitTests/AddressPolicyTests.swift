import HTTPClientKit
import Testing

@Suite struct `The address policy` {
  @Test(arguments: [
    "169.254.0.1", "169.254.169.254", "100.100.100.200", "fe80::1", "[fe80::1%eth0]", "febf::1", "fd00:ec2::254",
    "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "192.0.0.192",
    "168.63.129.16", "fd20:ce::254",
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

  @Test(arguments: [
    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "fc00::1", "::ffff:10.0.0.1",
  ])
  func `refuses private networks when told to`(_ host: String) {
    #expect(AddressPolicy(allowsPrivate: false).refuses(host: host))
    #expect(!AddressPolicy().refuses(host: host))
  }

  @Test(arguments: ["172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.1", "fe00::1", "127.0.0.1"])
  func `private networks end where they end`(_ host: String) {
    #expect(!AddressPolicy(allowsPrivate: false).refuses(host: host))
  }

  @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 17)] as [[UInt8]])
  func `refuses what is no address`(_ bytes: [UInt8]) {
    #expect(AddressPolicy(allowsLinkLocal: true).refuses(bytes))
  }
}
