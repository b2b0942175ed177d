//! TLS of a listener: a certificate and its key, read again when they change.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use super::{
    token::{OTHERS, read_secret},
    watched::Watched,
};

/// Octets of a chain of certificates, or of a key.
const MAX_FILE: u64 = 1 << 20;

/// A certificate or key that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Others may read or change the key.
    #[error("every user may use the key {path} (mode {mode:03o}): chmod o= {path}", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// No certificate is in the file.
    #[error("no certificate is in {}: give a PEM file with -----BEGIN CERTIFICATE-----", .0.display())]
    NoCertificate(PathBuf),
    /// No key is in the file.
    #[error("no private key is in {}: give a PEM file with -----BEGIN PRIVATE KEY-----, not encrypted", .0.display())]
    NoKey(PathBuf),
    /// Both were read and can't be used.
    #[error("{} and {} can't be used: {source}; do they belong together?", .certificate.display(), .key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// What a listener shows its clients.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: Watched<ServerConfig>,
}

impl Tls {
    /// Reads a chain of certificates and the key of the first, PEM files (RFC 7468).
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let paths = vec![certificate.to_owned(), key.to_owned()];
        Ok(Arc::new(Self {
            config: Watched::new(paths, || read(certificate, key))?,
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        }))
    }

    /// With the certificate as it is now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.config.get(|| read(&self.certificate, &self.key)).into()
    }
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |source| TlsError::Unreadable { path, source }
    };
    let (text, _) = read_secret(certificate, MAX_FILE).map_err(unreadable(certificate))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| TlsError::NoCertificate(certificate.to_owned()))?;
    let (text, mode) = read_secret(key, MAX_FILE).map_err(unreadable(key))?;
    if mode & OTHERS != 0 {
        let path = key.to_owned();
        return Err(TlsError::Open { path, mode });
    }
    let secret = PrivateKeyDer::from_pem_slice(&text).map_err(|_| TlsError::NoKey(key.to_owned()))?;
    let unusable = |source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    };
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
