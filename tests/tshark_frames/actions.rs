//! Action frames whose fields are read in several ways.

use airlens::dot11::emit::{Body, ElementWriter};

use super::{Case, case};

fn action(name: &'static str, category: u8, fields: &[u8], expected: &[(&'static str, &str)]) -> Case {
    case(
        name,
        &Body::Action { category, fields },
        &ElementWriter::new(),
        expected,
    )
}

pub(super) fn cases() -> Vec<Case> {
    let mut transition = vec![7, 1, 0x1c, 100, 0, 255, 4, 10];
    transition.extend([9; 8]);
    transition.extend([30, 0, 3, b'u', b'r', b'l']);
    let stations = [2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 6];
    let ft = [&[2][..], &stations, &[28, 0]].concat();
    let gas = [11, 1, 0, 0, 10, 0, 108, 2, 0x7f, 0, 5, 0, 6, 1, 1, 0, 5];
    let gas = Case {
        within: &["108"],
        ..action(
            "GAS response",
            4,
            &gas,
            &[
                ("wlan.fixed.publicact", "0x0b"),
                ("wlan.fixed.status_code", "0x0000"),
                ("wlan.fixed.gas_comeback_delay", "10"),
                ("wlan.fixed.query_response_length", "5"),
                ("wlan.fixed.anqp.info_id", "262"),
            ],
        )
    };
    let operating_mode = Case {
        unknown: Some("All subtype of VHT"),
        ..action(
            "operating mode",
            21,
            &[2, 0x11],
            &[("wlan.vht.operation_mode_notification", "11")],
        )
    };
    vec![
        action(
            "SA Query",
            8,
            &[0, 0x34, 0x12],
            &[
                ("wlan.fixed.category_code", "8"),
                ("wlan.fixed.action_code", "0"),
                ("wlan.fixed.transaction_id", "0x1234"),
            ],
        ),
        action(
            "BSS transition request",
            10,
            &transition,
            &[
                ("wlan.fixed.disassoc_timer", "100"),
                ("wlan.fixed.validity_interval", "255"),
                ("wlan.fixed.session_information.url", "url"),
            ],
        ),
        action(
            "BSS transition response",
            10,
            &[8, 1, 0, 3, 2, 0, 0, 0, 0, 7],
            &[
                ("wlan.fixed.bss_transition_status_code", "0"),
                ("wlan.fixed.bss_termination_delay", "3"),
                ("wlan.fixed.bss_transition_target_bss", "02:00:00:00:00:07"),
            ],
        ),
        action(
            "FT response",
            6,
            &ft,
            &[
                ("wlan.fixed.sta_address", "02:00:00:00:00:05"),
                ("wlan.fixed.target_ap_address", "02:00:00:00:00:06"),
                ("wlan.fixed.status_code", "0x001c"),
            ],
        ),
        action(
            "ADDBA response",
            3,
            &[1, 4, 37, 0, 2, 16, 1, 0],
            &[
                ("wlan.fixed.dialog_token", "0x04"),
                ("wlan.fixed.status_code", "0x0025"),
                ("wlan.fixed.baparams", "0x1002"),
                ("wlan.fixed.batimeout", "0x0001"),
            ],
        ),
        action(
            "DELBA",
            3,
            &[2, 0, 8, 39, 0],
            &[
                ("wlan.fixed.delba.param", "0x0800"),
                ("wlan.fixed.reason_code", "0x0027"),
            ],
        ),
        action(
            "extended channel switch",
            4,
            &[4, 1, 115, 40, 5],
            &[
                ("wlan.fixed.extchansw.new.opeclass", "0x00000073"),
                ("wlan.fixed.extchansw.new.channumber", "0x00000028"),
            ],
        ),
        action("notify channel width", 7, &[0, 1], &[("wlan.fixed.chanwidth", "0x01")]),
        action("SM power save", 7, &[1, 3], &[("wlan.fixed.sm.powercontrol", "0x03")]),
        operating_mode,
        gas,
    ]
}
