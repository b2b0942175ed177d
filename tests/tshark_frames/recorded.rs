//! Management frames of real devices and of hwsim's, read both ways.

use std::path::Path;

use airlens::dot11::{
    element::*,
    frame::{Action, ActionDetails, AuthenticationDetails, Beacon, BlockAck, Frame, FrameError, SaQuery},
    link,
};
use anyhow::{Context as _, Result, ensure};

use airlens_tests::support::corpus;

use super::{Dissection, dissect};

const FIELDS: [&str; 56] = [
    "wlan.fc.type",
    "wlan.fc.version",
    "wlan.fc.subtype",
    "wlan.frag",
    "wlan.fc.protected",
    "wlan.tag.number",
    "wlan.ext_tag.number",
    "wlan.fixed.capabilities",
    "wlan.fixed.listen_ival",
    "wlan.fixed.current_ap",
    "wlan.fixed.status_code",
    "wlan.fixed.aid",
    "wlan.fixed.timestamp",
    "wlan.fixed.beacon",
    "wlan.fixed.auth.alg",
    "wlan.fixed.auth_seq",
    "wlan.fixed.reason_code",
    "wlan.fixed.category_code",
    "wlan.fixed.action_code",
    "wlan.fixed.dialog_token",
    "wlan.fixed.transaction_id",
    "wlan.fixed.baparams",
    "wlan.fixed.batimeout",
    "wlan.fixed.finite_cyclic_group",
    "wlan.fixed.scalar",
    "wlan.fixed.finite_field_element",
    "wlan.fixed.send_confirm",
    "wlan.fixed.confirm",
    "wlan.supported_rates",
    "wlan.ds.current_channel",
    "wlan.tim.dtim_count",
    "wlan.tim.dtim_period",
    "wlan.tim.bmapctl",
    "wlan.tim.partial_virtual_bitmap",
    "wlan.country_info.code",
    "wlan.country_info.fnm.fcn",
    "wlan.country_info.rrc.oc",
    "wlan.ht.info.primarychannel",
    "wlan.ht.info.secchanoffset",
    "wlan.ht.info.ht_protection",
    "wlan.vht.op.channelwidth",
    "wlan.vht.op.channelcenter0",
    "wlan.vht.op.basicmcsmap",
    "wlan.ext_tag.he_operation.params",
    "wlan.ext_tag.he_operation.6ghz.primary_channel",
    "wlan.ext_tag.he_operation.6ghz.control.regulatory_info",
    "wlan.mobility_domain.mdid",
    "wlan.mobility_domain.ft_capab",
    "wlan.ft.mic",
    "wlan.ft.anonce",
    "wlan.ft.snonce",
    "wlan.timeout_int.value",
    "wlan.rsn.pmkid.list",
    "wlan.rsn.capabilities",
    "wlan.rsn.akms.type",
    "_ws.malformed",
];

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Whether the packet is a management frame whose body both read.
fn compare(packet: &[u8], theirs: &Dissection) -> Result<Option<u8>> {
    let link = link::LinkType::Radiotap.parse(packet)?;
    let frame = match Frame::new(link.frame(packet, packet.len())) {
        Ok(frame) => frame,
        Err(FrameError::OtherKind(..)) => {
            let management = theirs.numbers("wlan.fc.type") == [0] && theirs.numbers("wlan.fc.version") == [0];
            ensure!(!management, "no management frame");
            return Ok(None);
        }
        Err(FrameError::LaterFragment(fragment)) => {
            ensure!(
                theirs.numbers("wlan.frag") == [u64::from(fragment)],
                "fragment {fragment}"
            );
            return Ok(None);
        }
        Err(error) => anyhow::bail!("{error}"),
    };
    macro_rules! same {
        ($ours:expr, $field:literal) => {{
            let (ours, field) = ($ours, theirs.number($field));
            ensure!(ours == field, "{}: {ours:?}, tshark {field:?}", $field);
        }};
    }
    macro_rules! same_octets {
        ($ours:expr, $field:literal) => {{
            let (ours, field) = (hex($ours), theirs.all($field).first().copied().unwrap_or_default());
            ensure!(ours == field, "{}: {ours}, tshark {field}", $field);
        }};
    }
    let subtype = frame.header().subtype();
    same!(Some(u64::from(subtype)), "wlan.fc.subtype");
    same!(
        Some(u64::from(matches!(frame, Frame::Protected(_)))),
        "wlan.fc.protected"
    );
    let fixed = |number: u16| Some(u64::from(number));
    match frame {
        Frame::AssociationRequest(request) => {
            same!(fixed(request.capability), "wlan.fixed.capabilities");
            same!(fixed(request.listen_interval), "wlan.fixed.listen_ival");
            let current_ap = theirs.all("wlan.fixed.current_ap").first().map(ToString::to_string);
            ensure!(request.current_ap.map(|ap| ap.to_string()) == current_ap);
        }
        Frame::AssociationResponse(response) => {
            same!(fixed(response.capability), "wlan.fixed.capabilities");
            same!(fixed(response.status), "wlan.fixed.status_code");
            same!(fixed(response.aid()), "wlan.fixed.aid");
        }
        Frame::Beacon(Beacon {
            timestamp,
            interval,
            capability,
            ..
        })
        | Frame::ProbeResponse(Beacon {
            timestamp,
            interval,
            capability,
            ..
        }) => {
            same!(Some(timestamp), "wlan.fixed.timestamp");
            same!(fixed(interval), "wlan.fixed.beacon");
            same!(fixed(capability), "wlan.fixed.capabilities");
        }
        Frame::Authentication(authentication) => {
            same!(fixed(authentication.algorithm), "wlan.fixed.auth.alg");
            same!(fixed(authentication.transaction), "wlan.fixed.auth_seq");
            same!(fixed(authentication.status), "wlan.fixed.status_code");
            match authentication.details() {
                AuthenticationDetails::SaeCommit(commit) => {
                    same!(fixed(commit.group), "wlan.fixed.finite_cyclic_group");
                    let (scalar, element) = commit.scalar_and_element.unwrap_or_default();
                    same_octets!(scalar, "wlan.fixed.scalar");
                    same_octets!(element, "wlan.fixed.finite_field_element");
                }
                AuthenticationDetails::SaeConfirm(confirm) => {
                    same!(fixed(confirm.send_confirm), "wlan.fixed.send_confirm");
                    same_octets!(confirm.confirm, "wlan.fixed.confirm");
                }
                _ => {}
            }
        }
        Frame::Deauthentication(leaving) | Frame::Disassociation(leaving) => {
            same!(fixed(leaving.reason), "wlan.fixed.reason_code");
        }
        Frame::Action(action) => compare_action(action, theirs)?,
        _ => {}
    }
    if !matches!(frame, Frame::Protected(_)) && theirs.all("_ws.malformed").is_empty() {
        compare_elements(&Elements::parse(frame.elements()), theirs)?;
    }
    Ok(Some(subtype))
}

fn compare_action(action: Action<'_>, theirs: &Dissection) -> Result<()> {
    let one = |number: u64, field: &str| -> Result<()> {
        ensure!(
            theirs.number(field) == Some(number),
            "{field}: {number}, tshark {:?}",
            theirs.all(field)
        );
        Ok(())
    };
    one(action.category.into(), "wlan.fixed.category_code")?;
    // tshark has fields of their own for the codes of some categories.
    if !theirs.all("wlan.fixed.action_code").is_empty() {
        one(action.code().context("code")?.into(), "wlan.fixed.action_code")?;
    }
    match action.details() {
        ActionDetails::SaQuery(SaQuery { transaction, .. }) => one(transaction.into(), "wlan.fixed.transaction_id"),
        ActionDetails::BlockAck(BlockAck::AddRequest {
            parameters,
            timeout,
            dialog,
            ..
        }) => {
            one(dialog.token.into(), "wlan.fixed.dialog_token")?;
            one(timeout.into(), "wlan.fixed.batimeout")?;
            one(parameters.into(), "wlan.fixed.baparams")
        }
        ActionDetails::BlockAck(BlockAck::AddResponse { parameters, answer, .. }) => {
            one(answer.status.into(), "wlan.fixed.status_code")?;
            one(parameters.into(), "wlan.fixed.baparams")
        }
        other => {
            ensure!(!matches!(other, ActionDetails::Other(_)), "{other:?}");
            Ok(())
        }
    }
}

/// The list of elements, and what is in those of an AP.
fn compare_elements(ours: &Elements<'_>, theirs: &Dissection) -> Result<()> {
    let ids: Vec<_> = ours.iter().map(|element| element.id.to_string()).collect();
    ensure!(ids == theirs.ids(), "{ids:?}, tshark {:?}", theirs.ids());
    let same = |what: &str, ours: Option<Vec<u64>>, fields: &[&str]| -> Result<()> {
        let theirs: Vec<_> = fields.iter().filter_map(|field| theirs.number(field)).collect();
        let ours = ours.unwrap_or_default();
        ensure!(ours == theirs, "{what}: {ours:?}, tshark {theirs:?}");
        Ok(())
    };
    macro_rules! value {
        ($type:ident, $id:ident) => {
            ours.first(ElementId::$id).and_then($type::read)
        };
    }
    let channel = value!(DsssParameterSet, DSSS_PARAMETER_SET).map(|set| vec![set.channel.into()]);
    same("channel", channel, &["wlan.ds.current_channel"])?;
    let tim = value!(Tim, TIM);
    let numbers = tim
        .as_ref()
        .map(|tim| vec![tim.dtim_count.into(), tim.dtim_period.into(), tim.control.into()]);
    same(
        "TIM",
        numbers,
        &["wlan.tim.dtim_count", "wlan.tim.dtim_period", "wlan.tim.bmapctl"],
    )?;
    let bitmap = tim.map(|tim| hex(&tim.bitmap)).unwrap_or_default();
    ensure!(theirs.all("wlan.tim.partial_virtual_bitmap").concat() == bitmap);
    let country = value!(Country, COUNTRY);
    let letters = country
        .as_ref()
        .map(|country| String::from_utf8_lossy(&country.string[..2]).into_owned());
    ensure!(theirs.all("wlan.country_info.code").first().copied() == letters.as_deref());
    let (mut first, mut classes) = (Vec::new(), Vec::new());
    for triplet in country.iter().flat_map(|country| &country.triplets) {
        match *triplet {
            CountryTriplet::Subband { first: channel, .. } => first.push(u64::from(channel)),
            CountryTriplet::Operating { class, .. } => classes.push(u64::from(class)),
        }
    }
    ensure!(first == theirs.numbers("wlan.country_info.fnm.fcn"));
    ensure!(classes == theirs.numbers("wlan.country_info.rrc.oc"));
    let ht = value!(HtOperation, HT_OPERATION).map(|ht| {
        let offset = if ht.secondary() < 0 {
            3
        } else {
            u64::from(ht.secondary().unsigned_abs())
        };
        vec![ht.primary.into(), offset, ht.protection().into()]
    });
    let fields = [
        "wlan.ht.info.primarychannel",
        "wlan.ht.info.secchanoffset",
        "wlan.ht.info.ht_protection",
    ];
    same("HT", ht, &fields)?;
    let vht = value!(VhtOperation, VHT_OPERATION)
        .map(|vht| vec![vht.channel.0[0].into(), vht.channel.0[1].into(), vht.basic_mcs.into()]);
    let fields = [
        "wlan.vht.op.channelwidth",
        "wlan.vht.op.channelcenter0",
        "wlan.vht.op.basicmcsmap",
    ];
    same("VHT", vht, &fields)?;
    let six_ghz = value!(HeOperation, HE_OPERATION)
        .and_then(|he| he.six_ghz)
        .map(|channel| vec![channel.primary.into(), channel.regulatory().into()]);
    let fields = [
        "wlan.ext_tag.he_operation.6ghz.primary_channel",
        "wlan.ext_tag.he_operation.6ghz.control.regulatory_info",
    ];
    same("6 GHz", six_ghz, &fields)?;
    let domain = value!(MobilityDomain, MOBILITY_DOMAIN);
    let domain = domain.map(|domain| vec![domain.id.into(), domain.capability.into()]);
    same(
        "mobility domain",
        domain,
        &["wlan.mobility_domain.mdid", "wlan.mobility_domain.ft_capab"],
    )?;
    let ft = value!(FastBssTransition, FAST_BSS_TRANSITION);
    let ft = ft
        .map(|ft| vec![hex(&ft.mic), hex(&ft.anonce), hex(&ft.snonce)])
        .unwrap_or_default();
    ensure!(
        ["wlan.ft.mic", "wlan.ft.anonce", "wlan.ft.snonce"]
            .map(|field| theirs.all(field))
            .concat()
            == ft
    );
    let timeout = value!(TimeoutInterval, TIMEOUT_INTERVAL).map(|timeout| vec![timeout.value.into()]);
    same("timeout", timeout, &["wlan.timeout_int.value"])
}

/// Frames of each subtype, of those that are compared.
fn all(packets: &[Vec<u8>]) -> Result<[usize; 16]> {
    let (mut counts, mut errors) = ([0; 16], Vec::new());
    for (number, (packet, theirs)) in packets.iter().zip(dissect(127, packets, &FIELDS)?).enumerate() {
        match compare(packet, &theirs) {
            Ok(Some(subtype)) => counts[usize::from(subtype)] += 1,
            Ok(None) => {}
            Err(error) => errors.push(format!("packet {}: {error:#}", number + 1)),
        }
    }
    ensure!(
        errors.is_empty(),
        "{} differ:\n{}",
        errors.len(),
        errors[..errors.len().min(20)].join("\n")
    );
    Ok(counts)
}

#[test]
fn hwsim_frames_read_as_tshark_reads_them() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hwsim.pcap");
    let counts = all(&corpus::packets(&path, corpus::LinkType::Radiotap)?)?;
    assert_eq!(counts, [19, 19, 3, 3, 19, 36, 0, 0, 35, 0, 0, 56, 29, 38, 0, 0]);
    Ok(())
}

#[test]
fn corpus_frames_read_as_tshark_reads_them() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: its management frames read as tshark's do");
        return Ok(());
    };
    // Of 51,277 packets those whose frame control says management, told without the library.
    let management = |packet: &Vec<u8>| {
        let length = usize::from(u16::from_le_bytes([packet[2], packet[3]]));
        packet.get(length).is_some_and(|control| control & 0x0c == 0)
    };
    let mut packets = Vec::new();
    for path in corpus::captures(&folder)? {
        let all = corpus::packets(&path, corpus::LinkType::Radiotap)?;
        packets.extend(all.into_iter().filter(management));
    }
    let counts = all(&packets)?;
    let expected = [1197, 1054, 6, 2, 1317, 880, 0, 0, 888, 0, 5, 2318, 4, 4131, 28, 0];
    assert_eq!(counts, expected);
    Ok(())
}
