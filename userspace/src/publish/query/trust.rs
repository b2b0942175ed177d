//! Which certificates a run's API may show.

use std::{fs, io, path::Path, sync::Arc};

use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};

/// The authorities that the system trusts: Debian and its like, Fedora and its like, SUSE.
const SYSTEM: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Octets of a file of certificates; a system's is some 250 KiB.
const MAX_FILE: u64 = 8 << 20;

/// Trusts the certificates of a PEM file: authorities, or the very one that a server shows. Without a file it is the system's.
///
/// # Errors
///
/// The file can't be read, or has no certificate.
pub(super) fn trusting(file: Option<&Path>) -> io::Result<ClientConfig> {
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let system = || SYSTEM.iter().map(Path::new).find(|path| path.exists());
    let file = file
        .or_else(system)
        .ok_or_else(|| invalid("the system has no list of authorities: name the certificate with --ca-file".into()))?;
    let named = |error: io::Error| io::Error::new(error.kind(), format!("can't read {}: {error}", file.display()));
    if fs::metadata(file).map_err(named)?.len() > MAX_FILE {
        return Err(invalid(format!(
            "{} is too long for a list of certificates",
            file.display()
        )));
    }
    let text = fs::read(file).map_err(named)?;
    let pinned: Vec<_> = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(pinned.iter().cloned());
    if usable == 0 {
        return Err(invalid(format!(
            "no certificate is in {}: give a PEM file with -----BEGIN CERTIFICATE-----",
            file.display()
        )));
    }
    let provider = Arc::new(ring::default_provider());
    let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| invalid(error.to_string()))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trust { chains, pinned }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// As webpki judges; besides, a certificate that the user named is trusted though it calls itself an authority, as what
/// `openssl req -x509` makes does. Its time, name and signature are looked at all the same.
#[derive(Debug)]
struct Trust {
    chains: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged = self.chains.verify_server_cert(shown, others, name, stapled, now);
        match judged {
            // What webpki says of an authority that serves (`CaUsedAsEndEntity`), after it has looked at the time.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if self.pinned.iter().any(|pinned| pinned == shown) =>
            {
                verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, shown, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}
