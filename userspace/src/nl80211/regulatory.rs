//! The regulatory domain: which rules are in force, and asking for those of another country.

use serde::Serialize;
use wl_nl80211::Nl80211Command;

use super::{
    Nl80211, Nl80211Error,
    attribute::{Attribute, Attributes},
    message::Message,
    number,
};

/// The rules in force, of the system or of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Regulatory {
    /// Two letters; `00`: the world's common rules, `99`: a driver's own, `98`: an intersection.
    pub country: String,
    /// Who asked for them; the kernel tells it when they change ([`super::Event::RegulatoryChanged`]), not on request.
    pub initiator: Option<Initiator>,
    /// Whose rules for radar: 0 none, 1 FCC, 2 ETSI, 3 Japan.
    pub dfs_region: u8,
    /// The device keeps to rules of its own, which no country set by the user changes.
    pub self_managed: bool,
    /// One for each range of frequencies that is open.
    pub rules: Vec<RegulatoryRule>,
}

/// Who asked for rules (`enum nl80211_reg_initiator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initiator {
    /// The kernel itself.
    Core,
    /// A program, as `iw reg set` and airlens.
    User,
    /// A driver.
    Driver,
    /// An access point that was joined, by its country element.
    CountryElement,
}

impl Initiator {
    pub(super) fn of_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Core),
            1 => Some(Self::User),
            2 => Some(Self::Driver),
            3 => Some(Self::CountryElement),
            _ => None,
        }
    }
}

/// A rule (`enum nl80211_reg_rule_attr`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RegulatoryRule {
    /// The lower edge in kHz.
    pub start_khz: u32,
    /// The upper edge in kHz.
    pub end_khz: u32,
    /// The widest channel in kHz.
    pub max_width_khz: u32,
    /// The highest power (EIRP) in hundredths of a dBm.
    pub max_power_mbm: u32,
    /// `NL80211_RRF_…`.
    pub flags: u32,
}

impl RegulatoryRule {
    /// Only after another's transmission was heard (`NL80211_RRF_NO_IR`).
    #[must_use]
    pub fn no_ir(self) -> bool {
        self.flags & 1 << 7 != 0
    }

    /// Only after a check for radar (`NL80211_RRF_DFS`).
    #[must_use]
    pub fn radar(self) -> bool {
        self.flags & 1 << 4 != 0
    }
}

impl Nl80211 {
    /// The rules of the system, or those of the device `wiphy` where it has its own.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211; no such device.
    pub async fn regulatory(&self, wiphy: Option<u32>) -> Result<Regulatory, Nl80211Error> {
        let attributes = match wiphy {
            Some(wiphy) => Attributes::default().u32(number::WIPHY, wiphy),
            None => Attributes::default(),
        };
        let answer = self
            .ask(Nl80211Command::GetReg, attributes, "read the regulatory domain")
            .await?;
        Ok(Regulatory::read(&answer))
    }

    /// Asks for the rules of a country, two letters. The kernel takes them over a moment later, where the devices agree:
    /// wait for [`super::Event::RegulatoryChanged`] and read them again.
    ///
    /// # Errors
    ///
    /// Not two letters or `00`, or no right to.
    pub async fn set_country(&self, country: &str) -> Result<(), Nl80211Error> {
        let letters = country.len() == 2 && country.bytes().all(|octet| octet.is_ascii_uppercase());
        if !letters && country != "00" {
            return Err(Nl80211Error::Country {
                country: country.to_owned(),
            });
        }
        let attributes = Attributes::default().text(number::REG_ALPHA2, country);
        let action = format!("set the country {country}");
        self.command(Nl80211Command::ReqSetReg, attributes, &action).await
    }
}

impl Regulatory {
    fn read(message: &Message) -> Self {
        let mut found = Self::default();
        for attribute in message.attributes() {
            match attribute.number {
                number::REG_ALPHA2 => found.country = attribute.text(),
                number::REG_INITIATOR => found.initiator = attribute.u8().and_then(Initiator::of_number),
                number::DFS_REGION => found.dfs_region = attribute.u8().unwrap_or_default(),
                number::WIPHY_SELF_MANAGED_REG => found.self_managed = true,
                number::REG_RULES => found.rules = attribute.nested().map(RegulatoryRule::read).collect(),
                _ => {}
            }
        }
        found
    }
}

impl RegulatoryRule {
    fn read(rule: Attribute<'_>) -> Self {
        let mut found = Self::default();
        for attribute in rule.nested() {
            let value = attribute.u32().unwrap_or_default();
            match attribute.number {
                1 => found.flags = value,
                2 => found.start_khz = value,
                3 => found.end_khz = value,
                4 => found.max_width_khz = value,
                6 => found.max_power_mbm = value,
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_a_country() {
        let rule = Attributes::default()
            .u32(1, 1 << 4 | 1 << 11)
            .u32(2, 5_250_000)
            .u32(3, 5_330_000)
            .u32(4, 80_000)
            .u32(6, 2000);
        let sent = Attributes::default()
            .text(number::REG_ALPHA2, "US")
            .u8(number::DFS_REGION, 1)
            .flag(number::WIPHY_SELF_MANAGED_REG)
            .nest(number::REG_RULES, &Attributes::default().nest(0, &rule));
        let found = Regulatory::read(&Message::new(Nl80211Command::GetReg, sent));
        assert_eq!(
            (found.country.as_str(), found.dfs_region, found.self_managed),
            ("US", 1, true)
        );
        let [rule] = found.rules[..] else { panic!("{found:?}") };
        assert_eq!(
            (rule.start_khz, rule.end_khz, rule.max_width_khz),
            (5_250_000, 5_330_000, 80_000)
        );
        assert_eq!((rule.max_power_mbm, rule.radar(), rule.no_ir()), (2000, true, false));
    }

    #[tokio::test]
    async fn a_country_has_two_letters() {
        let nl80211 = Nl80211::connect().unwrap();
        for country in ["", "us", "USA", "U1", "é"] {
            let error = nl80211.set_country(country).await.unwrap_err();
            assert!(error.to_string().contains("two capital letters"), "{error}");
        }
    }
}
