//! Which addresses belong to the public network: all others are places behind the daemon that a caller has no business at.
//!
//! From IANA's registries of special-purpose addresses for IPv4 and IPv6. Of IPv6 only global unicast (2000::/3) passes, without
//! what is set aside there; an IPv4 address within one (mapped, or behind the well-known NAT64 prefix) is judged as itself.
//! 6to4 and Teredo, which nothing needs any more, never pass.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether this may be connected to.
pub(super) fn is_allowed(address: IpAddr, loopback: bool) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it) || loopback && it.is_loopback(),
        IpAddr::V6(it) => is_public_v6(it) || loopback && it.is_loopback(),
    }
}

/// Networks of IPv4 that are not public: address and length of the prefix.
const SPECIAL_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // behind a carrier's translator
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local; clouds tell machines their secrets there
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocols
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, and broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, length): ([u8; 4], u32)| (address.to_bits() ^ u32::from_be_bytes(network)).leading_zeros() >= length;
    !SPECIAL_V4.into_iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let [.., e, f, g, h] = address.octets();
    let within = Ipv4Addr::new(e, f, g, h);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => is_public_v4(within),
        [..] => {
            let global = a & 0xe000 == 0x2000;
            let protocols = a == 0x2001 && b < 0x0200; // Teredo is 2001:0::/32
            let documentation = a == 0x2001 && b == 0x0db8 || a == 0x3fff && b < 0x1000;
            global && !protocols && !documentation && a != 0x2002
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "3ffe::1",
        ];
        let barred = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "4000::1",
        ];
        for (all, expected) in [(&public[..], true), (&barred[..], false)] {
            for text in all {
                assert_eq!(is_allowed(text.parse().expect("an address"), false), expected, "{text}");
            }
        }
    }

    #[test]
    fn the_switch_for_tests_lets_loopback_pass_and_nothing_else() {
        for (text, expected) in
            [("127.0.0.1", true), ("::1", true), ("10.0.0.1", false), ("169.254.169.254", false), ("::ffff:127.0.0.1", false)]
        {
            assert_eq!(is_allowed(text.parse().expect("an address"), true), expected, "{text}");
        }
    }
}
