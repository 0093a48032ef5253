import COpenSSL

/// Sets up OpenSSL, which several C libraries of this process share.
///
/// libcurl, libpq and libmariadb each set it up when they first need it, on whatever thread that is. Under load such first uses
/// at one moment once left the process without random numbers to its end ("Insufficient randomness"). So every kit above one
/// of them asks here first, and the first one to ask does it for all while the others wait.
public enum TransportSecurity {
  /// Whether OpenSSL is set up and has random numbers; asking sets it up.
  public static let isReady: Bool = {
    guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_LOAD_CONFIG), nil) == 1 else { return false }
    return RAND_status() == 1 || RAND_poll() == 1
  }()
}
