//! Where requests may go. A name is resolved here and the connection is made to the address that was checked, so that a name
//! that changes its mind in between gains nothing.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use reqwest::Url;

use super::output::Why;
use crate::incident::StepFact;
use crate::incident::saga::{Closed, Wanted};

/// How names become addresses.
#[derive(Debug, Clone, Default)]
pub enum Names {
    /// As the machine resolves them.
    #[default]
    System,
    /// After a fixed list; no other name exists.
    Fixed(BTreeMap<String, Vec<IpAddr>>),
}

impl Names {
    async fn resolve(&self, name: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, port))
                .await?
                .map(|it| it.ip())
                .collect()),
            Self::Fixed(list) => list
                .get(name)
                .cloned()
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name")),
        }
    }
}

/// Addresses that a base address may be reached at.
#[derive(Debug)]
pub(super) struct Checked {
    /// The name to pin, where the address has one.
    pub(super) name: Option<String>,
    pub(super) addresses: Vec<SocketAddr>,
}

/// Resolves and checks the host of `url`. `variable` names the setting, for what is said about it.
pub(super) async fn check(
    url: &Url,
    names: &Names,
    networks: &[IpNet],
    variable: &str,
) -> Result<Checked, Why> {
    let port = url.port_or_known_default().unwrap_or(443);
    let host = url.host_str().unwrap_or_default();
    let (name, found) = match url.domain() {
        Some(name) => {
            let found = names
                .resolve(name, port)
                .await
                .map_err(|error| Why::with(closed(name, Closed::NotResolved), error))?;
            (Some(name.to_owned()), found)
        }
        None => {
            let literal = host.trim_start_matches('[').trim_end_matches(']');
            let ip = literal.parse().map_err(|_| StepFact::BadAddress {
                variable: variable.to_owned(),
                wanted: Wanted::Host,
            })?;
            (None, vec![ip])
        }
    };
    let near = match &name {
        None => Near::Any,
        Some(name) if name == "localhost" || name.ends_with(".localhost") => Near::Loopback,
        Some(_) => Near::None,
    };
    let mut addresses = Vec::new();
    let mut outside = None;
    for ip in found {
        let ip = plain(ip);
        if is_never(ip) {
            return Err(closed(host, Closed::Never { ip }).into());
        }
        if allowed(ip, near, networks) {
            addresses.push(SocketAddr::new(ip, port));
        } else {
            outside = Some(ip);
        }
    }
    if addresses.is_empty() {
        let variable = variable.to_owned();
        let why = match outside {
            None => Closed::NoAddress,
            Some(ip) if networks.is_empty() => Closed::Private { ip, variable },
            Some(ip) => Closed::Outside { ip, variable },
        };
        return Err(closed(host, why).into());
    }
    if url.scheme() == "http" && !addresses.iter().all(|it| is_near(it.ip(), networks)) {
        let variable = variable.to_owned();
        return Err(closed(host, Closed::PlainHttp { variable }).into());
    }
    Ok(Checked { name, addresses })
}

/// Resolves and checks where a database lives: nowhere that no connection may go, and inside of the networks if there are
/// any. The connection is made to one of these addresses.
pub(super) async fn check_database(
    host: &str,
    port: u16,
    names: &Names,
    networks: &[IpNet],
    variable: &str,
) -> Result<Vec<IpAddr>, Why> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let found = match literal.parse() {
        Ok(ip) => vec![ip],
        Err(_) => names
            .resolve(literal, port)
            .await
            .map_err(|error| Why::with(closed(host, Closed::NotResolved), error))?,
    };
    let found: Vec<IpAddr> = found.into_iter().map(plain).collect();
    for ip in &found {
        if is_never(*ip) {
            return Err(closed(host, Closed::Never { ip: *ip }).into());
        }
        if !allowed(*ip, Near::Any, networks) {
            let variable = variable.to_owned();
            return Err(closed(host, Closed::Outside { ip: *ip, variable }).into());
        }
    }
    if found.is_empty() {
        return Err(closed(host, Closed::NoAddress).into());
    }
    Ok(found)
}

fn closed(host: &str, why: Closed) -> StepFact {
    StepFact::Address {
        host: host.to_owned(),
        why,
    }
}

/// Which addresses near us a base address may lead to without a list of networks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near {
    /// An address was written down by whoever set this up.
    Any,
    Loopback,
    /// A name could be pointed anywhere by others.
    None,
}

fn allowed(ip: IpAddr, near: Near, networks: &[IpNet]) -> bool {
    if !networks.is_empty() {
        return networks.iter().any(|network| network.contains(&ip));
    }
    match near {
        Near::Any => true,
        Near::Loopback => ip.is_loopback(),
        Near::None => !is_private(ip),
    }
}

/// Plain http shows a request only to a network that is trusted.
fn is_near(ip: IpAddr, networks: &[IpNet]) -> bool {
    is_private(ip) || networks.iter().any(|network| network.contains(&ip))
}

/// The IPv4 address where an IPv6 one only wraps it.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip.to_canonical() else {
        return ip.to_canonical();
    };
    let last = v6.octets();
    let inner = Ipv4Addr::new(last[12], last[13], last[14], last[15]);
    let wraps = last[..12] == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        || (last[..12] == [0; 12] && !v6.is_loopback() && !v6.is_unspecified());
    if wraps { IpAddr::V4(inner) } else { ip }
}

/// Link-local and multicast addresses, "any" addresses, and those where clouds keep credentials.
fn is_never(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                || v4 == Ipv4Addr::new(100, 100, 100, 200)
        }
        IpAddr::V6(v6) => {
            v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || (v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]))
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(url: &str, networks: &[&str]) -> Result<usize, StepFact> {
        let list = [
            ("public.example", "203.0.113.9"),
            ("inner.example", "10.1.2.3"),
            ("meta.example", "169.254.169.254"),
            ("mapped.example", "::ffff:169.254.169.254"),
            ("nat64.example", "64:ff9b::a9fe:a9fe"),
            ("meta6.example", "fd00:ec2::254"),
            ("link.example", "fe80::1"),
            ("any.example", "0.0.0.0"),
            ("group.example", "224.0.0.1"),
            ("loop.example", "127.0.0.1"),
            ("localhost", "127.0.0.1"),
            ("fake.localhost", "10.0.0.1"),
        ];
        let names = Names::Fixed(
            list.into_iter()
                .map(|(name, ip)| (name.to_owned(), vec![ip.parse().unwrap()]))
                .collect(),
        );
        let networks: Vec<IpNet> = networks.iter().map(|it| it.parse().unwrap()).collect();
        check(&url.parse().unwrap(), &names, &networks, "APP_URL")
            .await
            .map(|it| it.addresses.len())
            .map_err(|why| why.fact.unwrap())
    }

    #[tokio::test]
    async fn names_lead_outside_or_where_they_were_allowed() {
        assert_eq!(outcome("https://public.example/", &[]).await, Ok(1));
        assert_eq!(
            outcome("https://inner.example/", &["10.0.0.0/8"]).await,
            Ok(1)
        );
        assert_eq!(
            outcome("http://inner.example/", &["10.0.0.0/8"]).await,
            Ok(1)
        );
        assert_eq!(outcome("http://localhost:1/", &[]).await, Ok(1));
        assert_eq!(outcome("http://127.0.0.1:1/", &[]).await, Ok(1));
        assert_eq!(outcome("http://[::1]:1/", &[]).await, Ok(1));
        assert_eq!(outcome("http://192.168.1.5/", &[]).await, Ok(1));
        for (url, networks, why) in [
            ("https://inner.example/", &[][..], "private"),
            ("https://loop.example/", &[], "private"),
            ("http://fake.localhost/", &[], "private"),
            ("https://public.example/", &["10.0.0.0/8"], "outside"),
            ("https://unknown.example/", &[], "not_resolved"),
            ("http://public.example/", &[], "plain_http"),
        ] {
            let fact = outcome(url, networks).await.unwrap_err();
            let said = serde_json::to_value(&fact).unwrap();
            assert_eq!(said["why"], why, "{url}: {said}");
        }
    }

    #[tokio::test]
    async fn where_no_request_may_go_ever() {
        for host in [
            "meta.example",
            "mapped.example",
            "nat64.example",
            "meta6.example",
            "link.example",
            "any.example",
            "group.example",
            "169.254.169.254",
            "[::ffff:169.254.169.254]",
            "[fd00:ec2::254]",
            "0.0.0.0",
            "2852039166",
        ] {
            let fact = outcome(&format!("http://{host}/latest"), &["0.0.0.0/0", "::/0"])
                .await
                .unwrap_err();
            let never = matches!(
                fact,
                StepFact::Address {
                    why: Closed::Never { .. },
                    ..
                }
            );
            assert!(never, "{host}: {fact:?}");
        }
    }
}
