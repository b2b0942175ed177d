//! Attaching programs: native XDP, else TCX, else generic XDP; tc is TCX, else clsact before Linux 6.6.

use std::{ffi::CString, fmt, sync::Arc};

use aya::{
    Ebpf,
    programs::{
        LinkOrder, Program, ProgramError, SchedClassifier, TcAttachType, XdpMode,
        tc::{NlOptions, SchedClassifierLinkId, TcAttachOptions, qdisc_add_clsact},
        xdp::XdpLinkId,
    },
};
use serde::Serialize;

use super::{
    KernelError, KernelPrograms, clsact,
    error::{is_permission, os_error},
    load::{self, chain},
    owner::Owner,
};
use crate::lab::{LabError, Namespace};

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
    /// tc as before Linux 6.6: filters on the clsact qdisc, on both sides.
    Clsact,
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

/// A program at a hook, and what takes it off again.
#[derive(Debug)]
pub(super) struct Placed {
    program: &'static str,
    interface: String,
    /// Its index.
    index: u32,
    link: Link,
}

#[derive(Debug)]
enum Link {
    Xdp(XdpLinkId),
    Tcx(SchedClassifierLinkId),
    Clsact(SchedClassifierLinkId),
}

/// tc, the newer way first.
const TC: [Hook; 2] = [Hook::Tcx, Hook::Clsact];

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
        let transmit = self.attach_first("data_tx", "data_tx", interface, TcAttachType::Egress, choice.transmit())?;
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
            HookChoice::Clsact => &[Hook::Clsact],
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
        for program in [xdp, tc] {
            if !self.placed.iter().any(|placed| placed.program == program) {
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
        let index = index(interface);
        let mut tried = Vec::new();
        for hook in hooks {
            let (program, result) = match hook {
                Hook::XdpNative => (xdp, self.xdp(xdp)?.attach(interface, XdpMode::Driver).map(Link::Xdp)),
                Hook::XdpGeneric => (xdp, self.xdp(xdp)?.attach(interface, XdpMode::Skb).map(Link::Xdp)),
                Hook::Tcx => (tc, attach_tcx(self.classifier(tc)?, interface, side).map(Link::Tcx)),
                Hook::Clsact => {
                    let owner = self.owner()?;
                    let (made, result) = attach_clsact(self.classifier(tc)?, tc, (interface, index, side), &owner);
                    if made && !self.qdiscs.contains(&index) {
                        self.qdiscs.push(index);
                    }
                    if self.home.is_none() {
                        self.home = Some(Namespace::current().map_err(namespace)?);
                    }
                    (tc, result.map(Link::Clsact))
                }
            };
            match result {
                Ok(link) => {
                    self.placed.push(Placed {
                        program,
                        interface: interface.to_owned(),
                        index,
                        link,
                    });
                    return Ok(Attachment {
                        program,
                        interface: interface.to_owned(),
                        hook: *hook,
                    });
                }
                Err(error) => tried.push((*hook, error)),
            }
        }
        tidy(&self.placed, &mut self.qdiscs);
        Err(refused(xdp, interface, &tried))
    }

    /// Who this is to others that attach to the same interfaces.
    fn owner(&mut self) -> Result<Arc<Owner>, KernelError> {
        if let Some(owner) = &self.owner {
            return Ok(Arc::clone(owner));
        }
        let owner = Owner::new().map_err(|source| KernelError::System {
            call: "bind the socket that tells whose filters are",
            source,
        })?;
        Ok(Arc::clone(self.owner.insert(Arc::new(owner))))
    }

    /// Takes the programs off an interface of that name, wherever it is now: one that goes to another network namespace takes its XDP
    /// and TCX programs along.
    ///
    /// # Errors
    ///
    /// The kernel refuses to detach one; the others are detached all the same.
    pub fn detach_from(&mut self, interface: &str) -> Result<(), KernelError> {
        self.take_off(|placed| placed.interface == interface)
    }

    /// Takes off those that `which` names. Filters that are gone already, with their interface, are no error.
    pub(super) fn take_off(&mut self, which: impl Fn(&Placed) -> bool) -> Result<(), KernelError> {
        let going: Vec<_> = self.placed.extract_if(.., |placed| which(placed)).collect();
        let mut result = Ok(());
        let work = || {
            for placed in going {
                let (program, filter) = (placed.program, matches!(placed.link, Link::Clsact(_)));
                match placed.detach(&mut self.ebpf) {
                    Err(error) if !(filter && clsact::is_gone(os_error(&error))) => {
                        result = Err(load::refused(program)(error));
                    }
                    _ => {}
                }
            }
            tidy(&self.placed, &mut self.qdiscs);
        };
        match &self.home {
            Some(home) => home.run(work).map_err(namespace)?,
            None => work(),
        }
        result
    }
}

/// Removes qdiscs that were made for filters of which none is left, if nobody else's hang there.
fn tidy(placed: &[Placed], qdiscs: &mut Vec<u32>) {
    let in_use = |index| {
        placed
            .iter()
            .any(|placed| placed.index == index && matches!(placed.link, Link::Clsact(_)))
    };
    for index in qdiscs.extract_if(.., |index| !in_use(*index)) {
        if let Err(error) = clsact::remove_if_empty(index) {
            tracing::warn!(index, %error, "the clsact qdisc that was made for an interface stays there");
        }
    }
}

fn namespace(error: LabError) -> KernelError {
    KernelError::System {
        call: "find the network namespace",
        source: std::io::Error::other(error),
    }
}

impl Placed {
    fn detach(self, ebpf: &mut Ebpf) -> Result<(), ProgramError> {
        match (ebpf.program_mut(self.program), self.link) {
            (Some(Program::Xdp(program)), Link::Xdp(link)) => program.detach(link),
            (Some(Program::SchedClassifier(program)), Link::Tcx(link) | Link::Clsact(link)) => program.detach(link),
            _ => Ok(()),
        }
    }
}

impl HookChoice {
    /// Where packets that go out are counted: XDP sees none.
    pub(super) fn transmit(self) -> &'static [Hook] {
        match self {
            Self::Clsact => &[Hook::Clsact],
            _ => &TC,
        }
    }
}

/// 0 for an interface that does not exist: no hook takes that.
fn index(interface: &str) -> u32 {
    // SAFETY: a terminated string.
    CString::new(interface).map_or(0, |name| unsafe { libc::if_nametoindex(name.as_ptr()) })
}

fn attach_tcx(
    classifier: &mut SchedClassifier,
    interface: &str,
    side: TcAttachType,
) -> Result<SchedClassifierLinkId, ProgramError> {
    let order = TcAttachOptions::TcxOrder(LinkOrder::default());
    classifier.attach_with_options(interface, side, order)
}

/// Also says whether the qdisc is of airlens's making: nobody else is to miss it.
fn attach_clsact(
    classifier: &mut SchedClassifier,
    program: &str,
    (interface, index, side): (&str, u32, TcAttachType),
    owner: &Owner,
) -> (bool, Result<SchedClassifierLinkId, ProgramError>) {
    // Fails where the qdisc exists already; if it failed for another reason, the attach below tells.
    let made = qdisc_add_clsact(interface).is_ok();
    // A filter outlives its maker: take away what a killed run left, or packets would be counted by a ghost as well.
    let made = match clsact::bury(index, side, program) {
        Ok(others) => made || others,
        Err(error) if clsact::is_gone(error.raw_os_error()) => made,
        Err(error) => {
            tracing::warn!(interface, program, %error, "can't tell whether a killed run left filters");
            made
        }
    };
    let options = TcAttachOptions::Netlink(NlOptions {
        handle: owner.handle(made).into(),
        ..NlOptions::default()
    });
    (made, classifier.attach_with_options(interface, side, options))
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
