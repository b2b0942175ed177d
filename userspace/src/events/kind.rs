//! Kinds of events.

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident $label:literal $burst:expr;)+) => {
        /// What an event is counted as.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: [Self; [$($label),+].len()] = [$(Self::$name),+];

            /// Its name as a label.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)+
                }
            }

            /// Lines that may come at once where frames or remote hosts could call up any number.
            pub(super) fn burst(self) -> Option<u32> {
                match self {
                    $(Self::$name => $burst,)+
                }
            }
        }
    };
}

/// By clients, one after the other.
const CLIENTS: Option<u32> = Some(100);
/// What says the same again and again.
const REPEATED: Option<u32> = Some(10);

kinds! {
    /// The run begins.
    RunStarted "run-started" None;
    /// The run has ended.
    RunStopped "run-stopped" None;
    /// The programs are attached: frames are captured.
    SessionCreated "session-created" None;
    /// Nothing is captured any more.
    SessionEnded "session-ended" None;
    /// A station is seen for the first time.
    ClientRegistered "client-registered" CLIENTS;
    /// A station or its AP has ended an association.
    ClientLeft "client-left" CLIENTS;
    /// A client authenticated and never asked to associate.
    ClientFailed "client-failed" CLIENTS;
    /// A client's files are written.
    ProfileWritten "profile-written" CLIENTS;
    /// A request can't be read.
    RequestUnreadable "request-unreadable" REPEATED;
    /// A request is answered by its AP.
    RequestAnswered "request-answered" CLIENTS;
    /// A file is not written.
    FileNotWritten "file-not-written" REPEATED;
    /// Counters can't be read.
    CountersUnreadable "counters-unreadable" REPEATED;
    /// The kernel's flow table can't be drained.
    FlowsNotDrained "flows-not-drained" REPEATED;
    /// Events of nl80211 that the kernel had no room for.
    EventsMissed "events-missed" REPEATED;
    /// The regulatory domain is another one.
    RegulatoryDomainChanged "regulatory-domain-changed" REPEATED;
    /// Radar was heard.
    RadarHeard "radar-heard" REPEATED;
    /// A data interface is gone.
    InterfaceGone "interface-gone" REPEATED;
    /// A data interface is there again.
    InterfaceReturned "interface-returned" REPEATED;
    /// Frames of an interface are not taken.
    FrameSourceRefused "frame-source-refused" REPEATED;
    /// An exporter's other side can't be reached.
    ExporterLost "exporter-lost" REPEATED;
    /// It can be reached.
    ExporterRegained "exporter-regained" REPEATED;
    /// An exporter failed on this host.
    ExportFailed "export-failed" REPEATED;
    /// Somebody looks on over the API.
    ViewerAttached "viewer-attached" REPEATED;
    /// He is gone.
    ViewerLeft "viewer-left" REPEATED;
    /// A request to the API came without the right token.
    TokenRefused "token-refused" REPEATED;
}
