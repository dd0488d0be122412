//! Checks that are no step of their own: an open port, a certificate.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::addresses;
use super::frame::{Frame, Waited, millis, until};
use super::output::Why;
use super::{Done, Status};
use crate::incident::StepFact;
use crate::incident::saga::Wanted;

/// Something on this machine must accept connections at the port.
pub(super) async fn tcp(port: u16, frame: &Frame<'_>, stop: &mut watch::Receiver<bool>) -> Done {
    let connect = async {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(_) => Ok(()),
            Err(first) => TcpStream::connect(("::1", port))
                .await
                .map(drop)
                .map_err(|_| first),
        }
    };
    match until(frame.deadline(), stop, connect).await {
        Waited::Came(Ok(())) => Done::new(Status::Succeeded, StepFact::PortOpen { port }),
        Waited::Came(Err(error)) => {
            let fact = StepFact::PortClosed { port, millis: None };
            Done::failed(Why::with(fact, error))
        }
        Waited::Late => Done::failed(StepFact::PortClosed {
            port,
            millis: Some(millis(frame.limit)),
        }),
        Waited::Stopped => Done::failed(StepFact::CutOff),
    }
}

/// Certificates that are trusted.
pub(super) fn usual_roots() -> Arc<RootCertStore> {
    Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
}

/// A clock that shows one moment for ever: whoever shakes hands by it sees the certificate as it will be then.
#[derive(Debug)]
struct Moment(DateTime<Utc>);

impl TimeProvider for Moment {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The certificate must be good for so many more days.
pub(super) async fn certificate(
    days: u32,
    now: DateTime<Utc>,
    roots: Arc<RootCertStore>,
    frame: &Frame<'_>,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let look = async {
        let later = now + chrono::Duration::days(i64::from(days));
        match shake(later, &roots, frame).await {
            Ok(()) => Done::new(Status::Succeeded, StepFact::CertificateGood { days }),
            Err(Shake::Expired(Some(end))) => {
                let left = if end <= now {
                    -1
                } else {
                    (end - now).num_days()
                };
                let day = end.date_naive();
                Done::failed(StepFact::CertificateEnds { left, day })
            }
            Err(Shake::Expired(None)) => Done::failed(StepFact::CertificateEndsWithin { days }),
            Err(Shake::Other(why)) => Done::failed(why),
        }
    };
    match until(frame.deadline(), stop, look).await {
        Waited::Came(done) => done,
        Waited::Late => Done::failed(StepFact::NoAnswer {
            millis: millis(frame.limit),
        }),
        Waited::Stopped => Done::failed(StepFact::CutOff),
    }
}

enum Shake {
    Expired(Option<DateTime<Utc>>),
    Other(Why),
}

/// Shakes hands as if it were `then`.
async fn shake(
    then: DateTime<Utc>,
    roots: &Arc<RootCertStore>,
    frame: &Frame<'_>,
) -> Result<(), Shake> {
    let other = |why: String| Shake::Other(why.into());
    let target = frame.target();
    let url = Url::parse(target.address.expose())
        .ok()
        .filter(|it| it.scheme() == "https")
        .ok_or_else(|| {
            Shake::Other(Why::from(StepFact::BadAddress {
                variable: target.variable.clone(),
                wanted: Wanted::Https,
            }))
        })?;
    let checked = addresses::check(&url, frame.names, &target.networks, &target.variable)
        .await
        .map_err(Shake::Other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone())
        .build()
        .map_err(|error| other(error.to_string()))?;
    let config = ClientConfig::builder_with_details(provider, Arc::new(Moment(then)))
        .with_safe_default_protocol_versions()
        .map_err(|error| other(error.to_string()))?
        .with_webpki_verifier(verifier)
        .with_no_client_auth();
    let mut client = reqwest::Client::builder()
        .use_preconfigured_tls(config)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("breakglass");
    if let Some(name) = &checked.name {
        client = client.resolve_to_addrs(name, &checked.addresses);
    }
    let client = client.build().map_err(|error| other(error.to_string()))?;
    // Whatever it answers, the handshake was good.
    match client.head(url).send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(why(&error)),
    }
}

/// What the handshake failed of, from deep inside of the error.
fn why(error: &reqwest::Error) -> Shake {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(error) = next {
        last = error.to_string();
        // An I/O error does not count what it wraps as its source.
        let mut inner = error;
        while let Some(wrapped) = inner
            .downcast_ref::<std::io::Error>()
            .and_then(|it| it.get_ref())
        {
            inner = wrapped;
        }
        match inner.downcast_ref::<Error>() {
            Some(Error::InvalidCertificate(CertificateError::ExpiredContext {
                not_after, ..
            })) => {
                let end = i64::try_from(not_after.as_secs()).ok();
                return Shake::Expired(end.and_then(|it| DateTime::from_timestamp(it, 0)));
            }
            Some(Error::InvalidCertificate(CertificateError::Expired)) => {
                return Shake::Expired(None);
            }
            Some(other) => return Shake::Other(other.to_string().into()),
            None => next = error.source(),
        }
    }
    Shake::Other(last.into())
}

#[cfg(test)]
mod tests;
