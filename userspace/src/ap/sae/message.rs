//! What a station's commit message says, beside scalar and element.

use super::{GROUP, token::TOKEN};
use crate::dot11::{
    element::{ElementId, Elements},
    frame::SaeCommit,
};

/// How the password element is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaeMethod {
    /// Hunting and pecking (12.4.4.2.2): status 0.
    Looping,
    /// Hash to element (12.4.4.2.3): status 126.
    HashToElement,
}

impl SaeMethod {
    /// The status code of its commit messages.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Looping => 0,
            Self::HashToElement => SaeCommit::HASH_TO_ELEMENT,
        }
    }
}

/// Why a handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SaeCause {
    /// The message ends early, or its elements contradict it.
    #[error("the SAE message is malformed")]
    Malformed,
    /// Another group than 19; most stations come again with 19.
    #[error("the station tried SAE group {0}, and 19 alone is offered")]
    UnsupportedGroup(u16),
    /// SAE-PK, or hunting and pecking where only hash to element is allowed (6 GHz).
    #[error("the station tried a way of SAE that is not offered here (status {0})")]
    UnsupportedMethod(u16),
    /// The scalar is not within 2 and the group's order.
    #[error("the station's SAE scalar is out of range")]
    InvalidScalar,
    /// The element is no point of the curve, or cancels out.
    #[error("the station's SAE element is no point of the curve")]
    InvalidElement,
    /// Our own commit came back.
    #[error("the AP's own SAE commit came back: somebody reflects frames")]
    Reflected,
    /// Group 19 is said to have been rejected before, and it never was: somebody forces another group.
    #[error("the station says that SAE group 19 was rejected, and it was not")]
    Downgraded,
    /// A password identifier, of which the AP has none.
    #[error("the station named a password identifier, and there is one password alone")]
    PasswordIdentifier,
    /// A confirm message without a commit before it.
    #[error("an SAE confirm came without a commit before it")]
    NoCommit,
    /// The proof is wrong: most likely the passphrase is.
    #[error("the station's SAE confirm is wrong: does it have the right passphrase?")]
    WrongPassphrase,
    /// The station ended the handshake.
    #[error("the station ended SAE with status {0}")]
    GivenUp(u16),
    /// The station went away after the AP's commit: it may not know this passphrase's proof, or not have heard it.
    #[error("the station did not go on after the AP's SAE commit")]
    TimedOut,
}

impl SaeCause {
    /// The status code that the station is told; `None` where nothing is answered.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        Some(match self {
            Self::UnsupportedGroup(_) => SaeCommit::GROUP_UNSUPPORTED,
            Self::PasswordIdentifier => 123,
            Self::WrongPassphrase => 15,
            Self::Reflected | Self::GivenUp(_) | Self::TimedOut => return None,
            _ => 1,
        })
    }

    /// Its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnsupportedGroup(_) => "unsupported-group",
            Self::UnsupportedMethod(_) => "unsupported-method",
            Self::InvalidScalar => "invalid-scalar",
            Self::InvalidElement => "invalid-element",
            Self::Reflected => "reflected",
            Self::Downgraded => "downgraded",
            Self::PasswordIdentifier => "password-identifier",
            Self::NoCommit => "no-commit",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::GivenUp(_) => "given-up",
            Self::TimedOut => "timed-out",
        }
    }
}

/// A commit message of group 19.
pub(super) struct StationCommit<'a> {
    pub(super) token: Option<Vec<u8>>,
    pub(super) scalar: &'a [u8],
    pub(super) element: &'a [u8],
    /// Payload of Rejected Groups, empty without.
    pub(super) rejected_groups: Vec<u8>,
}

/// Password Identifier (9.4.2.215).
const PASSWORD_IDENTIFIER: ElementId = ElementId::extension(33);

impl<'a> StationCommit<'a> {
    /// Reads the fields behind the status code. `issued` knows a token of ours: without a container nothing else says
    /// where it ends.
    pub(super) fn new(method: SaeMethod, rest: &'a [u8], issued: impl Fn(&[u8]) -> bool) -> Result<Self, SaeCause> {
        let (token, commit) = match behind_token(method, rest, issued) {
            Some((token, key)) => (
                Some(token.to_vec()),
                SaeCommit {
                    group: GROUP,
                    hash_to_element: false,
                    token: None,
                    scalar_and_element: key.get(..96).map(|key| key.split_at(32)),
                    elements: key.get(96..).unwrap_or_default(),
                },
            ),
            None => {
                let commit = SaeCommit::new(method.status(), rest).ok_or(SaeCause::Malformed)?;
                (commit.anti_clogging_token(), commit)
            }
        };
        if commit.group != GROUP {
            return Err(SaeCause::UnsupportedGroup(commit.group));
        }
        let (scalar, element) = commit.scalar_and_element.ok_or(SaeCause::Malformed)?;
        let elements = Elements::parse(commit.elements);
        if elements.first(PASSWORD_IDENTIFIER).is_some() {
            return Err(SaeCause::PasswordIdentifier);
        }
        let rejected = elements.first(ElementId::REJECTED_GROUPS).unwrap_or_default();
        if !rejected.len().is_multiple_of(2) || !rejected.is_empty() && method == SaeMethod::Looping {
            return Err(SaeCause::Malformed);
        }
        if commit.rejected_groups().contains(&GROUP) {
            return Err(SaeCause::Downgraded);
        }
        Ok(Self {
            token,
            scalar,
            element,
            rejected_groups: rejected.to_vec(),
        })
    }
}

/// A token without a container, and what is behind it.
fn behind_token(method: SaeMethod, rest: &[u8], issued: impl Fn(&[u8]) -> bool) -> Option<(&[u8], &[u8])> {
    let rest = rest.strip_prefix(&GROUP.to_le_bytes())?;
    let (token, key) = rest.split_at_checked(TOKEN)?;
    (method == SaeMethod::Looping && key.len() >= 96 && issued(token)).then_some((token, key))
}
