//! Attaching programs: native XDP, else generic, or tc; TCX, else clsact before Linux 6.6.

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
    /// Native XDP, else generic; before them TCX on a monitor interface.
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

impl KernelPrograms {
    /// Attaches the frame counter to a monitor interface. Unless chosen otherwise, by TCX where the kernel has it: it costs a
    /// third of XDP there (docs/design/2026-11-21-monitor-hook.md).
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program.
    pub fn attach_monitor(&mut self, interface: &str, choice: HookChoice) -> Result<Attachment, KernelError> {
        if choice == HookChoice::Auto {
            let classifier = self.classifier("monitor_tc")?;
            let order = TcAttachOptions::TcxOrder(LinkOrder::default());
            if classifier
                .attach_with_options(interface, TcAttachType::Ingress, order)
                .is_ok()
            {
                return Ok(attachment("monitor_tc", interface, Hook::Tcx));
            }
        }
        self.attach_receive("monitor", "monitor_tc", interface, choice)
    }

    /// Attaches the packet counter to a data interface, on both directions.
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program.
    pub fn attach_data(&mut self, interface: &str, choice: HookChoice) -> Result<[Attachment; 2], KernelError> {
        let receive = self.attach_receive("data_rx", "data_rx_tc", interface, choice)?;
        let transmit = self.attach_tc("data_tx", interface, TcAttachType::Egress)?;
        Ok([receive, transmit])
    }

    fn attach_receive(
        &mut self,
        xdp: &'static str,
        tc: &'static str,
        interface: &str,
        choice: HookChoice,
    ) -> Result<Attachment, KernelError> {
        let native = (XdpMode::Driver, Hook::XdpNative);
        let generic = (XdpMode::Skb, Hook::XdpGeneric);
        match choice {
            HookChoice::Tc => self.attach_tc(tc, interface, TcAttachType::Ingress),
            HookChoice::Auto => self.attach_xdp(xdp, interface, &[native, generic]),
            HookChoice::Native => self.attach_xdp(xdp, interface, &[native]),
            HookChoice::Generic => self.attach_xdp(xdp, interface, &[generic]),
        }
    }

    fn attach_xdp(
        &mut self,
        program: &'static str,
        interface: &str,
        modes: &[(XdpMode, Hook)],
    ) -> Result<Attachment, KernelError> {
        let xdp = self.xdp(program)?;
        let mut tried = Vec::new();
        for (mode, hook) in modes {
            match xdp.attach(interface, *mode) {
                Ok(_) => return Ok(attachment(program, interface, *hook)),
                Err(error) => tried.push((*hook, error)),
            }
        }
        Err(refused(program, interface, &tried))
    }

    fn attach_tc(
        &mut self,
        program: &'static str,
        interface: &str,
        side: TcAttachType,
    ) -> Result<Attachment, KernelError> {
        let classifier = self.classifier(program)?;
        let order = TcAttachOptions::TcxOrder(LinkOrder::default());
        let mut tried = Vec::new();
        match classifier.attach_with_options(interface, side, order) {
            Ok(_) => return Ok(attachment(program, interface, Hook::Tcx)),
            Err(error) => tried.push((Hook::Tcx, error)),
        }
        match attach_clsact(classifier, program, interface, side) {
            Ok(()) => return Ok(attachment(program, interface, Hook::Clsact)),
            Err(error) => tried.push((Hook::Clsact, error)),
        }
        Err(refused(program, interface, &tried))
    }
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

fn attachment(program: &'static str, interface: &str, hook: Hook) -> Attachment {
    Attachment {
        program,
        interface: interface.to_owned(),
        hook,
    }
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
