use proptest::prelude::*;

use super::*;
use crate::dot11::{
    Address,
    element::ExtendedChannelSwitch,
    emit::{Body, Header},
};

fn frame(category: u8, fields: &[u8]) -> Vec<u8> {
    Header::default().frame(&Body::Action { category, fields }, &[])
}

/// Calls `check` with the details of an action frame of these octets.
fn with(category: u8, fields: &[u8], check: impl Fn(ActionDetails<'_>) -> bool) {
    let octets = frame(category, fields);
    let action = Action::new(Management::new(&octets).unwrap()).unwrap();
    assert_eq!((action.category, action.returned), (category & 0x7f, category > 127));
    let details = action.details();
    assert!(check(details), "{category} {fields:?}: {details:?}");
}

#[test]
fn measurements() {
    with(0, &[4, 37, 3, 1, 40, 5], |details| {
        details == ActionDetails::SpectrumManagement(SpectrumManagement::ChannelSwitch(&[37, 3, 1, 40, 5]))
    });
    let dialog = Dialog {
        token: 9,
        elements: &[38, 0],
    };
    with(0, &[0, 9, 38, 0], |details| {
        details == ActionDetails::SpectrumManagement(SpectrumManagement::MeasurementRequest(dialog))
    });
    with(5, &[0, 9, 2, 0, 38, 0], |details| {
        let repetitions = 2;
        details == ActionDetails::RadioMeasurement(RadioMeasurement::Request { repetitions, dialog })
    });
    with(5, &[5, 9, 38, 0], |details| {
        details == ActionDetails::RadioMeasurement(RadioMeasurement::NeighborResponse(dialog))
    });
    with(
        5,
        &[2, 1, 0xfb, 20],
        |details| matches!(details, ActionDetails::RadioMeasurement(RadioMeasurement::LinkRequest(link)) if link.power_used == -5),
    );
    with(5, &[3, 1, 35, 2, 17, 0xff, 1, 2, 110, 255], |details| {
        matches!(details, ActionDetails::RadioMeasurement(RadioMeasurement::LinkReport(link))
            if (link.power, link.margin, link.antennas, link.rcpi) == (17, -1, [1, 2], 110))
    });
}

#[test]
fn security() {
    let ft = [2, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 28, 0, 54, 0];
    with(6, &ft, |details| {
        matches!(details, ActionDetails::FastTransition(ft)
            if (ft.code, ft.status, ft.target.0[5], ft.elements) == (2, Some(28), 2, &[54, 0]))
    });
    with(
        8,
        &[1, 7, 0],
        |details| matches!(details, ActionDetails::SaQuery(query) if query.response && query.transaction == 7),
    );
    with(8, &[1, 7], |details| details == ActionDetails::Other(&[1, 7]));
}

#[test]
fn transitions() {
    let mut request = vec![7, 1, 0x1d, 100, 0, 255, 4, 10];
    request.extend([9; 8]);
    request.extend([30, 0, 3, b'u', b'r', b'l', 52, 0]);
    with(10, &request, |details| {
        matches!(details, ActionDetails::Wnm(Wnm::TransitionRequest(request))
            if (request.disassociation_timer, request.validity) == (100, 255)
                && request.termination == Some((0x0909_0909_0909_0909, 30))
                && request.url == Some(b"url")
                && request.candidates == [52, 0])
    });
    with(10, &[8, 1, 0, 0, 2, 0, 0, 0, 0, 7], |details| {
        matches!(details, ActionDetails::Wnm(Wnm::TransitionResponse(response))
            if response.target == Some(Address([2, 0, 0, 0, 0, 7])))
    });
    with(10, &[8, 1, 6, 0, 52, 0], |details| {
        matches!(details, ActionDetails::Wnm(Wnm::TransitionResponse(response))
            if (response.status, response.candidates) == (6, &[52, 0]))
    });
    with(
        10,
        &[6, 1, 16],
        |details| matches!(details, ActionDetails::Wnm(Wnm::TransitionQuery(query)) if query.reason == 16),
    );
}

#[test]
fn public_actions() {
    let gas = [11, 1, 0, 0, 0, 0, 108, 2, 0x7f, 0, 6, 0, 8, 1, 2, 0, 5, 5];
    with(4, &gas, |details| {
        matches!(details, ActionDetails::Public(Public::Gas(gas))
            if gas.protocol_id() == Some(0)
                && (gas.status, gas.comeback_delay, gas.fragment) == (Some(0), Some(0), None)
                && anqp_elements(gas.query).collect::<Vec<_>>() == [(264, &[5, 5][..])])
    });
    with(
        4,
        &[12, 3],
        |details| matches!(details, ActionDetails::Public(Public::Gas(gas)) if gas.token == 3),
    );
    with(9, &[13, 1, 0, 0, 0x80, 10, 0, 108, 2, 0x7f, 0, 1, 0, 7], |details| {
        matches!(details, ActionDetails::ProtectedDual(Public::Gas(gas))
            if (gas.fragment, gas.comeback_delay, gas.query) == (Some(0x80), Some(10), &[7]))
    });
    with(4, &[9, 0x50, 0x6f, 0x9a, 9, 1], |details| {
        let (oui, content) = ([0x50, 0x6f, 0x9a], &[9, 1][..]);
        details == ActionDetails::Public(Public::Vendor(VendorContent { oui, content }))
    });
    with(4, &[4, 1, 115, 40, 5, 60], |details| {
        let switch = ExtendedChannelSwitch {
            mode: 1,
            class: 115,
            channel: 40,
            count: 5,
        };
        details == ActionDetails::Public(Public::ExtendedChannelSwitch(switch, &[60])) && details.elements() == [60]
    });
    with(4, &[33, 1], |details| {
        details == ActionDetails::Public(Public::Other(33, &[1]))
    });
}

#[test]
fn operations() {
    with(3, &[1, 4, 37, 0, 2, 16, 0, 0], |details| {
        matches!(details, ActionDetails::BlockAck(BlockAck::AddResponse { answer, parameters, .. })
            if (answer.token, answer.status, parameters) == (4, 37, 0x1002))
    });
    with(3, &[2, 0, 8, 39, 0], |details| {
        let (parameters, reason) = (0x0800, 39);
        details == ActionDetails::BlockAck(BlockAck::Delete { parameters, reason })
    });
    with(7, &[1, 3], |details| details == ActionDetails::Ht(Ht::SmPowerSave(3)));
    with(21, &[2, 0x11], |details| {
        details == ActionDetails::Vht(Vht::OperatingMode(0x11))
    });
    with(
        22,
        &[6, 1, 216, 0],
        |details| matches!(details, ActionDetails::Twt(Twt::Setup(dialog)) if dialog.elements == [216, 0]),
    );
    with(
        37,
        &[1, 1, 133, 0],
        |details| matches!(details, ActionDetails::Eht(Eht::MappingResponse(answer)) if answer.status == 133),
    );
    with(37, &[12, 1, 2, 1, 0, 0, 2, 17, 0, 0], |details| {
        matches!(details, ActionDetails::Eht(Eht::ReconfigurationResponse { statuses, rest, .. })
            if statuses == [[1, 0, 0], [2, 17, 0]] && rest == [0])
    });
}

#[test]
fn vendors_and_what_nobody_knows() {
    with(
        127,
        &[0, 0x50, 0xf2, 1],
        |details| matches!(details, ActionDetails::Vendor(vendor) if vendor.content == [1]),
    );
    with(99, &[1, 2], |details| details == ActionDetails::Other(&[1, 2]));
    with(0x84, &[99], |details| {
        details == ActionDetails::Public(Public::Other(99, &[]))
    });
    with(37, &[], |details| details == ActionDetails::Other(&[]));
    let octets = frame(127, &[0, 0x50, 0xf2]);
    let vendor = Action::new(Management::new(&octets).unwrap()).unwrap();
    assert_eq!(vendor.code(), None);
}

proptest! {
    #[test]
    fn any_octets(category: u8, code in 0u8..40, fields: Vec<u8>) {
        let fields = [&[code], &fields[..]].concat();
        let octets = frame(category, &fields);
        let action = Action::new(Management::new(&octets).unwrap()).unwrap();
        let details = action.details();
        prop_assert!(details.elements().len() < fields.len());
        if let ActionDetails::Public(Public::Gas(gas)) | ActionDetails::ProtectedDual(Public::Gas(gas)) = details {
            prop_assert!(anqp_elements(gas.query).count() <= gas.query.len() / 4);
        }
    }
}
