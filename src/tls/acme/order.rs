//! One order of a certificate (RFC 8555 §7.4).

use super::super::{TlsError, authority::write_private, files};
use super::{Acme, CERTIFICATE, KEY, covers};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, Problem,
    RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

const ACCOUNT: &str = "account.json";
/// How long the authority may take to look, and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(super) enum OrderError {
    #[error("the authority: {0}")]
    Authority(#[from] Error),
    #[error("the authority does not prove names by TLS (tls-alpn-01)")]
    NoProof,
    #[error("the authority did not find our proof for {name}: {why}")]
    Unproven { name: String, why: Problem },
    #[error("the authority refused the order and does not say why")]
    Refused,
    #[error("the authority gave a certificate for other names")]
    OtherNames,
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{0}")]
    Account(serde_json::Error),
}

impl From<rcgen::Error> for OrderError {
    fn from(error: rcgen::Error) -> OrderError {
        TlsError::from(error).into()
    }
}

impl Acme {
    /// Gets a certificate, keeps it and shows it from now on.
    pub(super) async fn order(&self) -> Result<(), OrderError> {
        let folder = |error| TlsError::File { path: self.folder.clone(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(folder)?;
        let account = self.account().await?;
        let identifiers: Vec<Identifier> = self.names.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
        self.prove_all(&mut order).await?;
        match order.poll_ready(&PATIENCE).await {
            Ok(OrderStatus::Ready) => {}
            Ok(_) | Err(Error::Api(_)) => return Err(why_not(&mut order).await),
            Err(error) => return Err(error.into()),
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(self.names.clone())?;
        params.distinguished_name = DistinguishedName::new();
        order.finalize_csr(params.serialize_request(&key)?.der()).await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        // The key first: a crash in between leaves a pair that does not match, and then a new one is asked for.
        let (certificate, private) = (self.folder.join(CERTIFICATE), self.folder.join(KEY));
        write_private(&private, &key.serialize_pem())?;
        write_private(&certificate, &chain)?;
        let pair = files::load(&certificate, &private)?;
        if !covers(&pair, &self.names) {
            return Err(OrderError::OtherNames);
        }
        self.current.store(Some(Arc::new(pair)));
        Ok(())
    }

    async fn prove_all(&self, order: &mut Order) -> Result<(), OrderError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).ok_or(OrderError::NoProof)?;
            self.prove(&challenge.identifier().to_string(), challenge.key_authorization().digest().as_ref())?;
            challenge.set_ready().await?;
        }
        Ok(())
    }

    /// Ours at this authority, made the first time. One that another directory knows is none of it.
    async fn account(&self) -> Result<Account, OrderError> {
        let builder = || match &self.ca {
            Some(path) => Account::builder_with_root(path),
            None => Account::builder(),
        };
        let path = self.folder.join(ACCOUNT);
        if let Ok(text) = fs::read_to_string(&path)
            && let Ok((directory, credentials)) = serde_json::from_str::<(String, AccountCredentials)>(&text)
            && directory == self.directory
        {
            return Ok(builder()?.from_credentials(credentials).await?);
        }
        let contact: Vec<&str> = self.contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder()?.create(&new, self.directory.clone(), None).await?;
        let text = serde_json::to_string(&(&self.directory, &credentials)).map_err(OrderError::Account)?;
        write_private(&path, &text)?;
        Ok(account)
    }
}

/// What the authority says of the first name that it could not prove.
async fn why_not(order: &mut Order) -> OrderError {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let Ok(mut authorization) = authorization else { continue };
        let Ok(state) = authorization.refresh().await else { continue };
        if let Some(why) = state.challenges.iter().find_map(|challenge| challenge.error.clone()) {
            return OrderError::Unproven { name: state.identifier().to_string(), why };
        }
    }
    OrderError::Refused
}
