//! What is compared.

use std::fmt;

use airlens::dot11::{
    Bits,
    element::{
        CapabilityField, ElementId, Elements, SixGhzCapabilities, Suite,
        vendor::{self, ConfigMethods, VendorElement},
    },
};

use super::{
    Dissection,
    fields::{BIT_FIELDS, bit_fields},
};

/// One thing that is read differently.
pub(crate) struct Difference {
    packet: usize,
    what: &'static str,
    ours: String,
    theirs: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "packet {}: {}: {}, tshark {}",
            self.packet, self.what, self.ours, self.theirs
        )
    }
}

/// Why a field is read differently; the test counts each.
pub(crate) const EXPLANATIONS: [(&str, &str); 4] = [
    (
        "wps.device_name",
        "texts of WPS are UTF-8 (Wi-Fi Simple Configuration 2.0.8, clause 12); tshark reads ASCII",
    ),
    (
        "wlan.wfa.ie.oce.cap.sta_cfon",
        "bit 3 of the OCE capability, as in hostapd (OCE_IS_STA_CFON); tshark takes bit 2, of the release, and has no bit 3",
    ),
    (
        "RM Enabled Capabilities",
        "tshark has no bits behind 35, they are one number to it",
    ),
    (
        "operating classes",
        "130 is both a class (80+80 MHz) and the delimiter of a list of extensions (9.4.2.53); these phones list it among the \
         others, and tshark stops there",
    ),
];

impl Difference {
    /// What explains it.
    pub(crate) fn explained(&self) -> Option<&'static str> {
        let (what, _) = EXPLANATIONS.into_iter().find(|(what, _)| *what == self.what)?;
        let explained = match what {
            "wps.device_name" => !self.ours.is_ascii() && self.theirs.contains('\u{fffd}'),
            "wlan.wfa.ie.oce.cap.sta_cfon" => self.ours == "Some(1)",
            "RM Enabled Capabilities" => {
                let reserved = (36..40).map(|bit| format!("[\"bit {bit}\"]"));
                self.theirs == "[]" && reserved.into_iter().any(|bit| bit == self.ours)
            }
            _ => {
                let until = |end: &str| self.ours.split(end).next().map(|start| format!("{start}]"));
                until(", \"130\"").as_deref() == Some(&self.theirs)
            }
        };
        explained.then_some(what)
    }
}

/// The two sides.
struct Sides<'a> {
    packet: usize,
    theirs: &'a Dissection,
    found: Vec<Difference>,
}

impl Sides<'_> {
    fn same(&mut self, what: &'static str, ours: impl fmt::Debug, theirs: impl fmt::Debug) {
        let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
        if ours != theirs {
            self.found.push(Difference {
                packet: self.packet,
                what,
                ours,
                theirs,
            });
        }
    }

    /// A number of ours, and the first of a field.
    fn number(&mut self, what: &'static str, ours: Option<impl Into<u32>>) {
        self.same(what, ours.map(Into::into), self.theirs.number(what));
    }

    fn text(&mut self, what: &'static str, ours: Option<&[u8]>) {
        // An empty one is none among the fields that tshark prints.
        let ours = ours.filter(|text| !text.is_empty());
        let ours = ours.map(|text| String::from_utf8_lossy(text).into_owned());
        self.same(what, ours, self.theirs.first(what).map(str::to_owned));
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Everything.
pub(crate) fn differences(packet: usize, ours: &Elements<'_>, theirs: &Dissection) -> Vec<Difference> {
    let mut sides = Sides {
        packet,
        theirs,
        found: Vec::new(),
    };
    microsoft(ours, &mut sides);
    wps(ours, &mut sides);
    alliance(ours, &mut sides);
    p2p(ours, &mut sides);
    six_ghz(ours, &mut sides);
    for (field, id) in BIT_FIELDS {
        bits(field, id, ours, &mut sides);
    }
    sides.found
}

fn microsoft(ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let wmm = ours.vendor(VendorElement::wmm);
    let info = wmm.map(|wmm| wmm.qos_info);
    sides.number("wlan.wfa.ie.wme.subtype", wmm.map(|wmm| wmm.subtype));
    sides.number("wlan.wfa.ie.wme.version", wmm.map(|wmm| wmm.version));
    sides.number("wlan.wfa.ie.wme.qos_info", info.map(|info| info.0));
    let frames = info.map(|info| info.max_service_period_frames().unwrap_or(0) / 2);
    sides.number("wlan.wfa.ie.wme.qos_info.sta.max_sp_length", frames);
    for (category, field) in [
        ("VO", "wlan.wfa.ie.wme.qos_info.sta.ac_vo"),
        ("VI", "wlan.wfa.ie.wme.qos_info.sta.ac_vi"),
        ("BK", "wlan.wfa.ie.wme.qos_info.sta.ac_bk"),
        ("BE", "wlan.wfa.ie.wme.qos_info.sta.ac_be"),
    ] {
        sides.number(field, info.map(|info| info.u_apsd().any(|other| other == category)));
    }
    let wpa = ours.vendor(VendorElement::wpa).unwrap_or_default();
    let kind = |Suite([.., kind])| u32::from(kind);
    sides.number("wlan.wfa.ie.wpa.mcs.type", wpa.group().map(kind));
    sides.number("wlan.wfa.ie.wpa.ucs.type", wpa.pairwise().next().map(kind));
    sides.number("wlan.wfa.ie.wpa.type", wpa.akms().next().map(kind));
    sides.number("wlan.aironet.version", ours.vendor(VendorElement::ccx_version));
}

fn wps(ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let octets = ours.wps().unwrap_or_default();
    let wps = vendor::Wps::new(&octets);
    sides.number("wps.version", wps.version());
    sides.number("wps.ext.version2", wps.version2());
    sides.text("wps.device_name", wps.device_name());
    sides.text("wps.manufacturer", wps.manufacturer());
    sides.text("wps.model_name", wps.model_name());
    sides.text("wps.model_number", wps.model_number());
    sides.text("wps.serial_number", wps.serial_number());
    sides.same(
        "wps.uuid_e",
        wps.uuid().map(|uuid| hex(uuid)),
        sides.theirs.octets("wps.uuid_e"),
    );
    sides.number(
        "wps.config_methods",
        wps.config_methods().map(|ConfigMethods(methods)| methods),
    );
    sides.number("wps.rf_bands", wps.rf_bands());
    sides.number("wps.request_type", wps.request_type());
    sides.number("wps.device_password_id", wps.device_password_id());
    let kind = wps.primary_device_type().map(device_type);
    sides.same(
        "wps.primary_device_type",
        kind,
        sides.theirs.octets("wps.primary_device_type"),
    );
}

fn device_type(kind: vendor::DeviceType) -> String {
    format!("{:04x}{}{:04x}", kind.category, hex(&kind.oui), kind.subcategory)
}

fn alliance(ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let mbo = ours.vendor(VendorElement::mbo_oce);
    let ids: Vec<_> = mbo
        .into_iter()
        .flat_map(|mbo| mbo.attributes().map(|(id, _)| id.to_string()))
        .collect();
    sides.same(
        "attributes of MBO and OCE",
        ids,
        sides.theirs.all("wlan.wfa.ie.mbo_oce.attr_id"),
    );
    sides.number(
        "wlan.wfa.ie.mbo.cellular_cap",
        mbo.and_then(vendor::MboOce::cellular_data),
    );
    let reports: Vec<_> = mbo.into_iter().flat_map(vendor::MboOce::channel_reports).collect();
    let of = |field: &str| {
        let field = format!("wlan.wfa.ie.mbo.non_pref_chan.{field}");
        sides
            .theirs
            .all(&field)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let theirs = [of("op_class"), of("chan"), of("pref"), of("reason")];
    let each = |read: &dyn Fn(&vendor::ChannelReport<'_>) -> u8| -> Vec<String> {
        reports.iter().map(|report| read(report).to_string()).collect()
    };
    let channels = reports.iter().flat_map(|report| report.channels).map(u8::to_string);
    let ours_too = [
        each(&|report| report.operating_class),
        channels.collect(),
        each(&|report| report.preference),
        each(&|report| report.reason),
    ];
    sides.same("channel reports of MBO", ours_too, theirs);
    let capability = mbo.and_then(vendor::MboOce::oce_capability);
    sides.number("wlan.wfa.ie.oce.cap.release", capability.map(|octet| octet & 7));
    sides.number("wlan.wfa.ie.oce.cap.sta_cfon", capability.map(|octet| octet & 8 != 0));

    let hotspot = ours.vendor(VendorElement::hotspot);
    sides.number(
        "wlan.hs20.indication.version_number",
        hotspot.map(|hotspot| hotspot.release() - 1),
    );
    sides.number(
        "wlan.hs20.indication.dgaf_disabled",
        hotspot.map(vendor::HotspotIndication::dgaf_disabled),
    );
    sides.number(
        "wlan.hs20.indication.pps_mo_id",
        hotspot.and_then(|hotspot| hotspot.pps_mo_id),
    );
    sides.number(
        "wlan.hs20.indication.domain_id",
        hotspot.and_then(|hotspot| hotspot.anqp_domain_id),
    );
}

fn p2p(ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let octets = ours.p2p().unwrap_or_default();
    let p2p = vendor::P2p::new(&octets);
    let capability = p2p.capability();
    sides.number(
        "wifi_p2p.p2p_capability.device_capability",
        capability.map(|(device, _)| device),
    );
    sides.number(
        "wifi_p2p.p2p_capability.group_capability",
        capability.map(|(_, group)| group),
    );
    let listen = p2p.listen_channel();
    sides.number(
        "wifi_p2p.listen_channel.operating_class",
        listen.map(|(_, class, _)| class),
    );
    sides.number(
        "wifi_p2p.listen_channel.channel_number",
        listen.map(|(.., channel)| channel),
    );
    let info = p2p.device_info();
    let address = info.map(|info| info.address.to_string());
    let theirs = sides.theirs.first("wifi_p2p.dev_info.p2p_dev_addr").map(str::to_owned);
    sides.same("wifi_p2p.dev_info.p2p_dev_addr", address, theirs);
    sides.text("wifi_p2p.dev_info.dev_name", info.and_then(|info| info.device_name));
    sides.number(
        "wifi_p2p.dev_info.config_methods",
        info.map(|info| info.config_methods.0),
    );
    let kind = info.map(|info| device_type(info.primary_device_type));
    sides.same(
        "wifi_p2p.dev_info.pri_dev_type",
        kind,
        sides.theirs.octets("wifi_p2p.dev_info.pri_dev_type"),
    );

    let display = ours.wifi_display();
    let roles = ["source", "primary sink", "secondary sink", "source or primary sink"];
    let role = sides.theirs.number("wifi_display.subelem.dev_info.type");
    sides.same(
        "role of Wi-Fi Display",
        display.map(vendor::WifiDisplay::role),
        role.map(|role| roles[role as usize]),
    );
    sides.number(
        "wifi_display.subelem.dev_info.available",
        display.map(vendor::WifiDisplay::available),
    );
    sides.number(
        "wifi_display.subelem.dev_info.content_protection",
        display.map(vendor::WifiDisplay::content_protection),
    );
    sides.number(
        "wifi_display.subelem.dev_info.control_port",
        display.map(|display| display.rtsp_port),
    );
    sides.number(
        "wifi_display.subelem.dev_info.max_throughput",
        display.map(|display| display.max_throughput_mbps),
    );
}

fn six_ghz(ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let six = ours.first(ElementId::HE_6_GHZ).map(SixGhzCapabilities::new);
    let theirs = |part: &str| sides.theirs.number(&format!("wlan.tag.he_6ghz.cap_inf.{part}"));
    let spacing = theirs("b0_b2").map(|value| [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0f32][value as usize]);
    let ampdu = theirs("b3_b5").map(|exponent| (8192u32 << exponent) - 1);
    let mpdu = theirs("b6_b7").and_then(|value| [3895u16, 7991, 11_454].get(value as usize).copied());
    let power_save = theirs("b9b_b10").map(|value| value as u8);
    let others = [11, 12, 13].map(|bit| theirs(&format!("b{bit}")).map(|value| value == 1));
    sides.same(
        "6 GHz: spacing",
        six.and_then(SixGhzCapabilities::mpdu_start_spacing_us),
        spacing,
    );
    sides.same(
        "6 GHz: A-MPDU",
        six.and_then(SixGhzCapabilities::max_ampdu_octets),
        ampdu,
    );
    sides.same("6 GHz: MPDU", six.and_then(SixGhzCapabilities::max_mpdu_octets), mpdu);
    sides.same(
        "6 GHz: SM power save",
        six.and_then(SixGhzCapabilities::sm_power_save),
        power_save,
    );
    let ours_too = [
        six.and_then(SixGhzCapabilities::rd_responder),
        six.and_then(SixGhzCapabilities::rx_antenna_pattern_consistency),
        six.and_then(SixGhzCapabilities::tx_antenna_pattern_consistency),
    ];
    sides.same("6 GHz: bits 11 to 13", ours_too, others);
    let class_a = ours
        .first(ElementId::HE_CAPABILITIES)
        .and_then(|he| Bits(he.get(6..)?).get(12));
    sides.number("wlan.ext_tag.he_phy_cap.device_class", class_a);

    let classes = ours.first(ElementId::OPERATING_CLASSES).unwrap_or_default();
    let classes: Vec<_> = classes.iter().map(u8::to_string).collect();
    let mut theirs = sides.theirs.all("wlan.supopeclass.current");
    theirs.extend(sides.theirs.all("wlan.supopeclass.alt"));
    sides.same("operating classes", classes, theirs);
}

fn bits(field: CapabilityField, id: ElementId, ours: &Elements<'_>, sides: &mut Sides<'_>) {
    let what = match field {
        CapabilityField::RadioMeasurement => "RM Enabled Capabilities",
        CapabilityField::Extended => "Extended Capabilities",
        CapabilityField::RsnExtension => "RSN Extension",
    };
    let set = ours.first(id).map(|payload| field.set(payload)).unwrap_or_default();
    let theirs: Vec<_> = bit_fields(field)
        .into_iter()
        .filter_map(|(bit, name)| match sides.theirs.number(&name)? {
            0 => None,
            value => Some((bit, name, value)),
        })
        .map(|(bit, abbreviation, value)| match field.name(bit) {
            Some(name)
                if ["b18to20", "b21to23", "b24to26", "granularity", "b63"]
                    .iter()
                    .any(|end| abbreviation.ends_with(end)) =>
            {
                format!("{name}: {value}")
            }
            Some(name) => name.to_owned(),
            None => format!("bit {bit}"),
        })
        .collect();
    sides.same(what, set, theirs);
}
