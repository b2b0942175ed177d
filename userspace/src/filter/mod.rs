//! Filters in tcpdump's language, compiled for the kernel.
//!
//! libpcap's own compiler makes classic BPF of an expression, so an expression means here what it means to tcpdump; the
//! classic instructions become an eBPF program one by one, with the packet's bounds checked at each access.

mod assembler;
mod classic;
mod interpret;
mod libpcap;
mod translate;

pub use classic::Instruction;
pub(crate) use translate::sample;
pub use translate::{Hook, Outcomes};

/// Why an expression is no filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// No libpcap.
    #[error(
        "--filter needs libpcap, whose compiler it uses, and none of {tried} can be loaded: install it (package libpcap0.8 or \
         libpcap0.8t64 of Debian and Ubuntu, libpcap of others)"
    )]
    NoLibrary {
        /// Names that were tried.
        tried: String,
    },
    /// A libpcap of another make.
    #[error("the libpcap of this machine has no {0}: install a newer one")]
    NoFunction(&'static str),
    /// The compiler refuses the expression.
    #[error("filter {expression:?}: {reason}; `man pcap-filter` has the language")]
    Expression {
        /// The expression.
        expression: String,
        /// The compiler's answer.
        reason: String,
    },
    /// The expression follows a chain of headers, however long.
    #[error(
        "filter {expression:?} goes in circles, which no filter may in the kernel: name the headers instead of protochain"
    )]
    Loop {
        /// The expression.
        expression: String,
    },
    /// The expression compiles to more than a program may have.
    #[error("filter {expression:?} is too long: {instructions} instructions")]
    TooLong {
        /// The expression.
        expression: String,
        /// Instructions of classic BPF.
        instructions: usize,
    },
}

/// A compiled expression, for packets of one link type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    expression: String,
    instructions: Vec<Instruction>,
}

impl Filter {
    /// Compiles an expression for packets of a link type (<https://www.tcpdump.org/linktypes.html>).
    ///
    /// # Errors
    ///
    /// [`FilterError`]: there is no libpcap, or it refuses the expression.
    pub fn compile(expression: &str, link_type: u16) -> Result<Self, FilterError> {
        let instructions = libpcap::compile(expression, link_type)?;
        let filter = Self {
            expression: expression.to_owned(),
            instructions,
        };
        // Both hooks, so that what is too long is refused here.
        for hook in [Hook::Xdp, Hook::Tc] {
            filter.program(hook, &Outcomes::default())?;
        }
        Ok(filter)
    }

    /// A filter of classic instructions that are at hand: jumps go forward and within, and the last one returns.
    #[must_use]
    pub fn from_instructions(expression: &str, instructions: Vec<Instruction>) -> Self {
        Self {
            expression: expression.to_owned(),
            instructions,
        }
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The classic instructions, as `tcpdump -dd` prints them.
    #[must_use]
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Whether it takes a packet that is in memory: what was captured of it, and the octets that it had.
    #[must_use]
    pub fn takes(&self, octets: &[u8], length: u32) -> bool {
        interpret::takes(&self.instructions, octets, length)
    }

    /// The eBPF program for a hook, as the kernel takes its instructions.
    ///
    /// # Errors
    ///
    /// [`FilterError::TooLong`], [`FilterError::Loop`].
    pub fn program(&self, hook: Hook, outcomes: &Outcomes) -> Result<Vec<u64>, FilterError> {
        if self.instructions.iter().any(|instruction| instruction.goes_back()) {
            return Err(FilterError::Loop {
                expression: self.expression.clone(),
            });
        }
        translate::translate(&self.instructions, hook, outcomes).ok_or_else(|| FilterError::TooLong {
            expression: self.expression.clone(),
            instructions: self.instructions.len(),
        })
    }
}

#[cfg(test)]
mod tests;
