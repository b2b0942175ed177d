//! Of Wi-Fi clients.

use std::fmt;

use tracing::Level;

use super::{Event, Kind};
use crate::dot11::Address;

/// A station is seen for the first time.
#[derive(Clone, Copy, Debug)]
pub struct ClientRegistered {
    /// Its address.
    pub client: Address,
    /// It turned to another AP than this run's own.
    pub observed: bool,
}

impl Event for ClientRegistered {
    const KIND: Kind = Kind::ClientRegistered;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(client = %self.client, observed = self.observed, suppressed, "a client is there");
    }
}

/// A station or its AP has ended an association.
#[derive(Clone, Copy, Debug)]
pub struct ClientLeft {
    /// The station.
    pub client: Address,
    /// The AP.
    pub bssid: Address,
    /// Reason Code (IEEE Std 802.11-2020 9.4.1.7).
    pub reason: Option<u16>,
}

impl Event for ClientLeft {
    const KIND: Kind = Kind::ClientLeft;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            client = %self.client,
            bssid = %self.bssid,
            reason = self.reason,
            suppressed,
            "a client has left"
        );
    }
}

/// A client authenticated and never asked to associate.
#[derive(Clone, Copy, Debug)]
pub struct ClientFailed<'a> {
    /// Its address.
    pub client: &'a str,
    /// The AP.
    pub bssid: &'a str,
    /// It turned to another AP than this run's own.
    pub observed: bool,
    /// Why.
    pub cause: &'a str,
    /// The AP's status code by name.
    pub status: Option<&'a str>,
    /// The reason of the deauthentication by name.
    pub reason: Option<&'a str>,
}

impl Event for ClientFailed<'_> {
    const KIND: Kind = Kind::ClientFailed;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            client = self.client,
            bssid = self.bssid,
            observed = self.observed,
            cause = self.cause,
            status = self.status,
            reason = self.reason,
            suppressed,
            "a client authenticated and never asked to associate"
        );
    }
}

/// A client's files are written.
#[derive(Clone, Copy)]
pub struct ProfileWritten<'a> {
    /// Its address.
    pub client: Address,
    /// The network that it asked for.
    pub ssid: &'a dyn fmt::Display,
    /// The band by name.
    pub band: &'a str,
    /// The channel's number.
    pub channel: u8,
}

impl Event for ProfileWritten<'_> {
    const KIND: Kind = Kind::ProfileWritten;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            client = %self.client,
            ssid = %self.ssid,
            band = self.band,
            channel = self.channel,
            suppressed,
            "profiled"
        );
    }
}

/// A request can't be read.
#[derive(Clone, Copy)]
pub struct RequestUnreadable<'a>(pub &'a dyn fmt::Display);

impl Event for RequestUnreadable<'_> {
    const KIND: Kind = Kind::RequestUnreadable;
    const LEVEL: Level = Level::DEBUG;

    fn log(&self, suppressed: Option<u64>) {
        tracing::debug!(error = %self.0, suppressed, "a request gives no profile");
    }
}

/// A request is answered by its AP.
#[derive(Clone, Copy, Debug)]
pub struct RequestAnswered {
    /// The station.
    pub client: Address,
    /// The AP.
    pub bssid: Address,
    /// Status Code (9.4.1.9).
    pub status: u16,
    /// Time after the request in µs.
    pub after_us: u64,
}

impl Event for RequestAnswered {
    const KIND: Kind = Kind::RequestAnswered;
    const LEVEL: Level = Level::DEBUG;

    fn log(&self, suppressed: Option<u64>) {
        tracing::debug!(
            client = %self.client,
            bssid = %self.bssid,
            status = self.status,
            after_us = self.after_us,
            suppressed,
            "a request is answered"
        );
    }
}
