//! Attaching programs: native XDP, else TCX, else generic XDP; tc is TCX, else clsact before Linux 6.6.

use std::fmt;

use aya::programs::{
    LinkOrder, ProgramError, SchedClassifier, TcAttachType, XdpMode,
    tc::{NlOptions, TcAttachOptions, qdisc_add_clsact, qdisc_detach_program},
};
use serde::Serialize;

use super::{KernelError, KernelPrograms, error::is_permission, load::chain};

/// The hook that a program runs at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// XDP in the driver.
    XdpNative,
    /// XDP in the network stack.
    XdpGeneric,
    /// tc through a link, Linux 6.6 and newer.
    Tcx,
    /// tc through a filter on the clsact qdisc.
    Clsact,
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::XdpNative => "xdp-native",
            Self::XdpGeneric => "xdp-generic",
            Self::Tcx => "tcx",
            Self::Clsact => "clsact",
        })
    }
}

/// What the user asks for on the receive side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HookChoice {
    /// Native XDP, else TCX, else generic XDP. Generic XDP copies every packet that has less headroom than it needs, as those
    /// of monitor interfaces have, and does not see how many packets receive offload merged; but unlike the filter of
    /// clsact it does not outlive a killed run.
    #[default]
    Auto,
    /// Native XDP only.
    Native,
    /// Generic XDP only.
    Generic,
    /// tc ingress.
    Tc,
}

/// A program in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// The program's name, as bpftool shows it.
    pub program: &'static str,
    /// Interface name.
    pub interface: String,
    /// Where it runs.
    pub hook: Hook,
}

/// tc, the newer way first.
pub(super) const TC: [Hook; 2] = [Hook::Tcx, Hook::Clsact];

impl KernelPrograms {
    /// Attaches the frame counter to a monitor interface.
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program.
    pub fn attach_monitor(&mut self, interface: &str, choice: HookChoice) -> Result<Attachment, KernelError> {
        self.attach_receive("monitor", "monitor_tc", interface, choice)
    }

    /// Attaches the packet counter to a data interface, on both directions.
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program.
    pub fn attach_data(&mut self, interface: &str, choice: HookChoice) -> Result<[Attachment; 2], KernelError> {
        let receive = self.attach_receive("data_rx", "data_rx_tc", interface, choice)?;
        let transmit = self.attach_first("data_tx", "data_tx", interface, TcAttachType::Egress, &TC)?;
        Ok([receive, transmit])
    }

    pub(super) fn attach_receive(
        &mut self,
        xdp: &'static str,
        tc: &'static str,
        interface: &str,
        choice: HookChoice,
    ) -> Result<Attachment, KernelError> {
        let hooks: &[Hook] = match choice {
            HookChoice::Auto => &[Hook::XdpNative, Hook::Tcx, Hook::XdpGeneric],
            HookChoice::Native => &[Hook::XdpNative],
            HookChoice::Generic => &[Hook::XdpGeneric],
            HookChoice::Tc => &TC,
        };
        self.attach_first(xdp, tc, interface, TcAttachType::Ingress, hooks)
    }

    /// Attaches at the first of `hooks` that takes the program: `xdp` or `tc`, whichever is for that hook. The other one does not
    /// stay in the kernel, unless it is attached to another interface.
    pub(super) fn attach_first(
        &mut self,
        xdp: &'static str,
        tc: &'static str,
        interface: &str,
        side: TcAttachType,
        hooks: &[Hook],
    ) -> Result<Attachment, KernelError> {
        let attached = self.try_hooks(xdp, tc, interface, side, hooks);
        self.attached
            .extend(attached.as_ref().ok().map(|attached| attached.program));
        for program in [xdp, tc] {
            if !self.attached.contains(&program) {
                // Attached nowhere: there is no link that could refuse.
                let _ = self.unload(program);
            }
        }
        attached
    }

    fn try_hooks(
        &mut self,
        xdp: &'static str,
        tc: &'static str,
        interface: &str,
        side: TcAttachType,
        hooks: &[Hook],
    ) -> Result<Attachment, KernelError> {
        let mut tried = Vec::new();
        for hook in hooks {
            let (program, result) = match hook {
                Hook::XdpNative => (xdp, self.xdp(xdp)?.attach(interface, XdpMode::Driver).map(drop)),
                Hook::XdpGeneric => (xdp, self.xdp(xdp)?.attach(interface, XdpMode::Skb).map(drop)),
                Hook::Tcx => (tc, attach_tcx(self.classifier(tc)?, interface, side)),
                Hook::Clsact => (tc, attach_clsact(self.classifier(tc)?, tc, interface, side)),
            };
            match result {
                Ok(()) => {
                    return Ok(Attachment {
                        program,
                        interface: interface.to_owned(),
                        hook: *hook,
                    });
                }
                Err(error) => tried.push((*hook, error)),
            }
        }
        Err(refused(xdp, interface, &tried))
    }
}

fn attach_tcx(classifier: &mut SchedClassifier, interface: &str, side: TcAttachType) -> Result<(), ProgramError> {
    let order = TcAttachOptions::TcxOrder(LinkOrder::default());
    classifier.attach_with_options(interface, side, order).map(drop)
}

fn attach_clsact(
    classifier: &mut SchedClassifier,
    program: &str,
    interface: &str,
    side: TcAttachType,
) -> Result<(), ProgramError> {
    // Fails where the qdisc exists already; if it failed for another reason, the attach below tells.
    let _ = qdisc_add_clsact(interface);
    // A filter outlives its maker: take away what a killed run left, or packets would be counted by a ghost as well.
    let _ = qdisc_detach_program(interface, side, program);
    let options = TcAttachOptions::Netlink(NlOptions::default());
    classifier.attach_with_options(interface, side, options).map(|_| ())
}

fn refused(program: &'static str, interface: &str, tried: &[(Hook, ProgramError)]) -> KernelError {
    if tried.iter().all(|(_, error)| is_permission(error)) {
        return KernelError::Permission {
            action: format!("attach {program} to {interface}"),
        };
    }
    let tried: Vec<_> = tried
        .iter()
        .map(|(hook, error)| format!("{hook}: {}", chain(error)))
        .collect();
    KernelError::Attach {
        program,
        interface: interface.to_owned(),
        tried: tried.join("; "),
    }
}
